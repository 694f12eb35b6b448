"""Pages that join several apps, and what machines ask for."""
