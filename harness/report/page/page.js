"use strict";
(() => {
  // Tables: each header is a button that sorts by its column.
  const units = { ns: 1, "µs": 1e3, ms: 1e6, s: 1e9, min: 6e10, B: 1, KiB: 1024, MiB: 1 << 20, GiB: 1 << 30 };
  const value = (text) => {
    const m = /^[≤<>]?\s*([-−]?\d[\d.]*)\s*(ns|µs|ms|s|min|B|KiB|MiB|GiB)?(?![\w])/.exec(text);
    if (!m) return NaN;
    const v = parseFloat(m[1].replace("−", "-")) * (units[m[2]] || 1);
    return /slower/.test(text) ? 1 / v : v;
  };
  const sort = (table, column) => {
    const heads = [...table.tHead.rows[0].cells], head = heads[column];
    const up = head.getAttribute("aria-sort") !== "ascending";
    const rows = [...table.tBodies[0].rows].map((row) => {
      const text = row.cells[column].textContent.trim();
      return { row, text, value: value(text), none: text === "" || text === "–" };
    });
    const numbers = rows.every((r) => r.none || !isNaN(r.value));
    rows.sort((a, b) => {
      if (a.none || b.none) return a.none - b.none;
      const by = numbers ? a.value - b.value : a.text.localeCompare(b.text, "en", { numeric: true });
      return up ? by : -by;
    });
    for (const h of heads) h.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    table.tBodies[0].append(...rows.map((r) => r.row));
  };
  for (const table of document.querySelectorAll("main table")) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      if (!head.textContent) return;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      button.addEventListener("click", () => sort(table, column));
      head.replaceChildren(button);
    });
  }
  // A region that scrolls sideways can be reached by the keyboard.
  const reach = () => {
    for (const box of document.querySelectorAll(".scroll")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  addEventListener("resize", reach);
  document.addEventListener("toggle", reach, true);
  reach();

  // Charts: an area over each panel shows the values under the pointer or, with the arrow keys, the
  // next ones.
  const charts = JSON.parse(document.getElementById("values").textContent);
  const place = (axis, v, length) => {
    const f = axis.log ? Math.log(v / axis.min) / Math.log(axis.max / axis.min) : (v - axis.min) / (axis.max - axis.min);
    return f * length;
  };
  const nearest = (panel, area, reading) => {
    const points = panel.series.flatMap((s) => s.x.map((x, i) => ({ x, y: s.y[i], words: s.words[i] })));
    if (!points.length) return;
    let at = -1;
    const show = (i) => {
      at = i;
      reading.textContent = points[i].words;
    };
    const xy = (p) => {
      const y = place(panel.y, p.y, area.clientHeight);
      return [place(panel.x, p.x, area.clientWidth), panel.y.named ? y : area.clientHeight - y];
    };
    const under = (event) => {
      const box = area.getBoundingClientRect();
      let best = 0, least = Infinity;
      points.forEach((p, i) => {
        const [x, y] = xy(p);
        const dx = event.clientX - box.left - x, dy = event.clientY - box.top - y;
        const d = panel.form === "stacks" ? dy * dy * 1e6 + (dx > 0 ? 1e3 + dx : -dx) : dx * dx + dy * dy;
        if (d < least) [least, best] = [d, i];
      });
      show(best);
    };
    area.addEventListener("pointermove", under);
    area.addEventListener("pointerdown", under);
    area.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      show((at + step + points.length) % points.length);
    });
  };
  const lines = (panel, area, reading) => {
    const columns = panel.series.map((s) => {
      const order = s.x.map((_, i) => i).sort((a, b) => s.x[a] - s.x[b]);
      return { name: s.name, x: order.map((i) => s.x[i]), y: order.map((i) => s.y[i]), words: order.map((i) => s.words[i]) };
    });
    const data = uPlot.join(columns.map((s) => [s.x, s.y]));
    const xs = data[0];
    const scale = (axis) => ({ time: false, distr: axis.log ? 3 : 1, range: () => [axis.min, axis.max] });
    let legend;
    const plot = new uPlot({
      width: area.clientWidth, height: area.clientHeight, padding: [0, 0, 0, 0],
      scales: { x: scale(panel.x), y: scale(panel.y) },
      axes: [{ show: false }, { show: false }],
      cursor: {
        drag: { x: false, y: false }, points: { size: 12, width: 1.5, stroke: "#222", fill: "transparent" },
        dataIdx: (u, si, i) => { // the nearest point of the series
          if (si === 0 || data[si][i] != null) return i;
          let near = null;
          const at = u.valToPos(xs[i], "x");
          data[si].forEach((y, k) => {
            if (y != null && (near === null || Math.abs(u.valToPos(xs[k], "x") - at) < Math.abs(u.valToPos(xs[near], "x") - at))) near = k;
          });
          return near;
        },
      },
      legend: { mount: (u, table) => { legend = table; } },
      series: [{ label: panel.x.title, value: (u, v) => "" }, ...columns.map((s) => ({
        label: s.name, stroke: "transparent", paths: () => null, points: { show: false },
        value: (u, v, si, i) => (i == null || v == null ? "–" : s.words[s.x.indexOf(xs[i])]),
      }))],
    }, data, area);
    legend.remove();
    new ResizeObserver(() => plot.setSize({ width: area.clientWidth, height: area.clientHeight })).observe(area);
    const show = () => reading.replaceChildren(legend);
    area.addEventListener("pointerenter", show);
    area.addEventListener("focus", show);
    let at = -1;
    area.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      at = Math.min(Math.max(at + step, 0), xs.length - 1);
      plot.setCursor({ left: plot.valToPos(xs[at], "x"), top: area.clientHeight / 2 });
    });
  };
  for (const figure of document.querySelectorAll("figure[data-values]")) {
    const chart = charts[figure.dataset.values], reading = figure.querySelector(".reading"), picture = figure.querySelector(".picture");
    if (!chart) continue;
    const hint = "Point at the chart, or focus it and use the arrow keys, to read its values.";
    reading.textContent = hint;
    const draw = () => {
      for (const panel of chart.panels) {
        const area = document.createElement("div");
        area.className = "over";
        area.tabIndex = 0;
        area.setAttribute("role", "application");
        area.setAttribute("aria-label", "Values of " + (panel.title || chart.question));
        area.style.left = (100 * panel.box[0]) / chart.width + "%";
        area.style.top = (100 * panel.box[1]) / chart.height + "%";
        area.style.width = (100 * panel.box[2]) / chart.width + "%";
        area.style.height = (100 * panel.box[3]) / chart.height + "%";
        picture.append(area);
        if (panel.form === "lines") lines(panel, area, reading);
        else nearest(panel, area, reading);
      }
      reading.textContent = hint;
    };
    const details = figure.closest("details");
    if (!details || details.open) draw();
    else details.addEventListener("toggle", draw, { once: true });
  }
})();
