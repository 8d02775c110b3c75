"""A small hub as CSV, and ways to spoil it."""

from __future__ import annotations

from pathlib import Path

ORGANISATIONS = """\
slug,name,name_bg,description,description_bg,kind,website,active
host,Host Ltd,Домакин,"Studios, labs
and more",,company,https://host.example,yes
startup,Startup,,,,startup,,yes
"""
SITES = """\
slug,name,name_bg,description,address,time_zone,access_notes,latitude,longitude
mill,The Mill,Мелницата,,"1 Mill St, Sofia",Europe/Sofia,Ring twice.,42.697708,23.321867
"""
PEOPLE = """\
email,name,language,time_zone,hub_staff,active,organisation,role
boyana@startup.example,Boyana,bg,,no,yes,startup,booker
Hristo@Host.example,Hristo,en,Europe/Lisbon,no,yes,host,manager
Hristo@Host.example,Hristo,en,Europe/Lisbon,no,yes,startup,booker
stella@hub.example,Stella,en,,yes,yes,,
"""
QUALIFICATION_TYPES = """\
slug,name,name_bg,validity_months,organisation
lift,Forklift,Мотокар,60,host
aid,First aid,,,
"""
RESOURCES = """\
slug,organisation,site,kind,name,name_bg,description,description_bg,people,tags,listing,units,is_pool,covers,qualifications
hall,host,mill,premises,Hall,Зала,,,120,,published,,no,left-half; right-half,lift; aid
left-half,host,mill,premises,Left half,,,,60,,published,1,no,,
right-half,host,mill,premises,Right half,,,,60,,published,1,no,,
benches,host,mill,laboratory,Benches,,,,4,xr; motion-capture,draft,4,yes,,
"""
FILES = {
    "organisations.csv": ORGANISATIONS,
    "sites.csv": SITES,
    "people.csv": PEOPLE,
    "qualification_types.csv": QUALIFICATION_TYPES,
    "resources.csv": RESOURCES,
}


def write_hub(folder: Path, **changed: str) -> Path:
    """Write the hub's five files; `resources="…"` writes another text there."""
    for name, text in FILES.items():
        written = changed.get(name.removesuffix(".csv"), text)
        (folder / name).write_bytes(written.encode())
    return folder
