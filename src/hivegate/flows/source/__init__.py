"""Look up code: where a benchmark is defined, what its body was, and URLs of commits."""
