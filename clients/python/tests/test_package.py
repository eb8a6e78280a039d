import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

PACKAGE = Path(__file__).parents[1]


def test_the_wheel_holds_all_of_the_package_and_imports_from_there(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(PACKAGE)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("sluice_client-*-py3-none-any.whl")
    source = PACKAGE / "src"
    expected = {str(path.relative_to(source)) for path in source.rglob("*") if path.suffix in (".py", ".typed")}
    packed = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert packed == expected
    assert "sluice_client/py.typed" in packed
    script = f"import sys; sys.path.insert(0, {str(wheel)!r}); import sluice_client; print(sluice_client.__file__)"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=tmp_path)
    assert str(wheel) in done.stdout


def test_every_name_that_the_package_promises_is_there() -> None:
    import sluice_client

    assert all(hasattr(sluice_client, name) for name in sluice_client.__all__)
