"""Between a caller over HTTP and the graphs: who may call, what may be named, the form to fill in, what is answered."""
