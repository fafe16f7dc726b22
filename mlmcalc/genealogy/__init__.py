"""The tree loader: from columns of members to checked trees, parents first."""
