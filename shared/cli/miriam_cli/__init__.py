"""The `miriam` command: loads the commands that each installed package brings, and gives them one manner."""
