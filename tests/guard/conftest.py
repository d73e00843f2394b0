"""The cases are projects of their own, whose tests are not ours."""

collect_ignore_glob = ["cases/*"]
