"""Keep runs in a database and follow benchmarks from run to run."""
