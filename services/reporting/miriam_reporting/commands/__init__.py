"""What reporting adds to the `miriam` command."""
