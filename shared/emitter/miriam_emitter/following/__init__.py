"""`miriam emit --follow`: each line of a file that grows, or of standard input, is taken as it comes."""
