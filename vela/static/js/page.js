/* What every page does: toasts that can be dismissed and leave by themselves, keys for months, undo by key. */
