"""Published answers and properties of kit.calc."""
