"""The offers that Vela starts with: what the owner sells, part by part, in MAD a unit."""

from typing import Any

_HDD = ("HDD (1TB)", "Storage", 600, 1000)
_SSD_SMALL = ("SSD (256GB)", "Storage", 400, 700)
_SSD = ("SSD (500GB)", "Storage", 300, 600)
_RAM_16 = ("RAM (16GB)", "Compute", 300, 500)
_RAM_32 = ("RAM (32GB)", "Compute", 600, 1000)
_CPU = ("CPU alloc", "Compute", 200, 400)
_CPU_PLUS = ("CPU alloc", "Compute", 300, 600)
_CASING = ("Casing", "Compute", 200, 300)
_BANDWIDTH = ("Bandwidth", "Network", 200, 500)
_BACKUP = ("Sauvegarde", "Storage", 300, 500)
_SETUP = ("Setup", "Setup and support", 300, 600)
_SETUP_PLUS = ("Setup", "Setup and support", 200, 400)
_SUPPORT = ("Support", "Setup and support", 200, 700)

_OFFERS = (
    (
        "Atlas",
        "1TB Storage",
        2000,
        4000,
        (_HDD, _RAM_16, _CPU, _CASING, _BANDWIDTH, _SETUP, _SUPPORT),
    ),
    (
        "Atlas+",
        "1TB + Backup",
        2800,
        5000,
        (
            _HDD,
            _SSD_SMALL,
            _RAM_32,
            _CPU_PLUS,
            _CASING,
            _BANDWIDTH,
            _BACKUP,
            _SETUP_PLUS,
            _SUPPORT,
        ),
    ),
    (
        "Rif",
        "500GB Server",
        1700,
        3500,
        (_SSD, _RAM_16, _CPU, _CASING, _BANDWIDTH, _SETUP, _SUPPORT),
    ),
    (
        "Rif+",
        "500GB + Backup",
        2200,
        4500,
        (
            _SSD,
            _HDD,
            _RAM_32,
            _CPU_PLUS,
            _CASING,
            _BANDWIDTH,
            _BACKUP,
            _SETUP_PLUS,
            _SUPPORT,
        ),
    ),
)


def preset_offers() -> list[dict[str, Any]]:
    """The four offers in the words of the catalog's intake, list prices included."""
    return [
        {
            "name": name,
            "description": description,
            "list_cost": list_cost,
            "list_sell": list_sell,
            "components": [
                {"name": part, "group": group, "unit_cost": cost, "unit_sell": sell}
                for part, group, cost, sell in parts
            ],
        }
        for name, description, list_cost, list_sell, parts in _OFFERS
    ]
