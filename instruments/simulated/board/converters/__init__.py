"""What is behind the processor's ports: generators, readouts, their clocks and converters."""
