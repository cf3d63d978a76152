"""bn_doctor: planted faults that it must find, and sound nets that it must leave alone."""
