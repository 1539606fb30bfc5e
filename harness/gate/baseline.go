package gate

func (c *checker) baseline()       {}
func (c *checker) judgeBaselines() {}
