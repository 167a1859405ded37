"""`miriam erase`: a woman's data are destroyed in every service, and the proof of it is printed."""
