"""What Vela prints: papers set by typst from a layout of ours and data that is never markup."""
