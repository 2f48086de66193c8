"""What the law says, with its dates. Nothing outside this package names a country."""
