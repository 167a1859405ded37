"""What a data protection officer keeps: requests of persons, their deadlines, and the proof of what was destroyed."""
