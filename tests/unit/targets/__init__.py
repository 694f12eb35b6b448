"""Published answers and properties of targets.calc and its readers."""
