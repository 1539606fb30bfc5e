def double(x):
    print("a function may print")
    return [x, x]


def inputs():
    print("a generator may print")
    for i in range(20):
        yield [i, "é", {"a": None}]


table = ["a", "b"]
