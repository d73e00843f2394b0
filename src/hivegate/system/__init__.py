"""The floor that touches the machine: processes, files, git, facts about the host."""
