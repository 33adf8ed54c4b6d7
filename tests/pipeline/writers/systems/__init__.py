"""What other systems would do with the files that are written for them, so far as such files go."""
