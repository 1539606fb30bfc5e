package harness

// PythonTask is the name of the workload whose tasks call a Python function of the user.
const PythonTask = "python"

// FunctionInputs is the name of the file in a run's folder that holds the inputs of a Python function,
// one per line as JSON.
const FunctionInputs = "inputs.jsonl"

// A Function describes the Python function that a run measures as a task.
type Function struct {
	Name   string   // module:function
	Source string   // where the inputs come from: a file, or module:generator
	Count  int      // number of inputs
	Digest string   // digest of the inputs
	File   string   `json:",omitempty"` // file of the function's module
	Files  []string `json:",omitempty"` // files of all modules that it imports, except those of the interpreter
	Chunks []int    `json:",omitempty"` // chunk sizes to measure other than 1 and the default
}
