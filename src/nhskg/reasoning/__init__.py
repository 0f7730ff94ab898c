"""From what is asserted to what follows: one program, compiled from axioms and rules."""
