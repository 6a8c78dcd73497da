"""What kind of file an upload is, by its bytes; what is locked, damaged or meant to harm goes no further."""

import io
import zipfile

from core.spreadsheets import Unreadable

MAX_WORKBOOK = 64_000_000  # bytes: a workbook is read whole, and is packed; a CSV is read a piece at a time
MAX_INFLATED = 300 * 1024**2  # bytes, all parts of a workbook together
MAX_RATIO = 200  # inflated to packed, of a part that is large; a sheet of repeated words reaches 100
LARGE_PART = 10 * 1024**2
MAX_PARTS = 2_000

_TOO_HEAVY_A_BOOK = f"El libro pesa más de {MAX_WORKBOOK // 1_000_000} MB. Guárdelo como «CSV UTF-8» y súbalo otra vez."
_NOT_A_SHEET = "El archivo no es una hoja de cálculo ni un CSV. Suba el Formato como .xlsx, .ods, .xls o .csv."
_TOO_LARGE = "El archivo se expande a un tamaño desmedido y no se abrió. Copie los datos a un libro nuevo y súbalo."
_LOCKED = "El archivo está protegido con contraseña. Quite la contraseña y súbalo otra vez."
_DAMAGED = "El archivo está incompleto o dañado. Ábralo en su programa, guárdelo otra vez y súbalo."
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
#: What a text that is no table may be called.
_OTHERS = frozenset({".pdf", ".doc", ".docx", ".odt", ".rtf", ".ppt", ".pptx", ".jpg", ".jpeg", ".png", ".html", ".md"})
BOOKS = (b"PK", _OLE)  #: how the bytes of a workbook begin


def kind_of(data: bytes, suffix: str) -> str:
    """csv, xlsx, ods or xls, by what the bytes are. Raises Unreadable."""
    if data.startswith(BOOKS) and len(data) > MAX_WORKBOOK:
        raise Unreadable(_TOO_HEAVY_A_BOOK)
    if data.startswith(b"PK"):
        return _kind_of_zip(data)
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Unreadable(_LOCKED)
        if not any(name.encode("utf-16-le") in data for name in ("Workbook", "Book")):
            raise Unreadable(_NOT_A_SHEET if suffix != ".xls" else _DAMAGED)
        return "xls"
    if data.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")):
        raise Unreadable(_NOT_A_SHEET)
    if data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"{", b"[")):  # HTML or XML called .xls, JSON
        raise Unreadable(_NOT_A_SHEET)
    if suffix in _OTHERS:
        raise Unreadable(_NOT_A_SHEET)
    if suffix in {".xlsx", ".ods", ".xls"}:
        raise Unreadable(_DAMAGED)
    return "csv"


def _kind_of_zip(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            _refuse_bomb(parts)
            names = {part.filename for part in parts}
            if any(part.flag_bits & 1 for part in parts):
                raise Unreadable(_LOCKED)
            if "xl/workbook.xml" in names:
                return "xlsx"
            if "content.xml" in names and b"opendocument.spreadsheet" in _small(archive, "mimetype"):
                if b"encryption-data" in _small(archive, "META-INF/manifest.xml"):
                    raise Unreadable(_LOCKED)
                return "ods"
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, zipfile.LargeZipFile):
        raise Unreadable(_DAMAGED) from None
    raise Unreadable(_NOT_A_SHEET)


def _refuse_bomb(parts: list[zipfile.ZipInfo]) -> None:
    """Looks at what the parts say of themselves, before any is inflated; what they hide, the reader's limits stop."""
    dense = (part.file_size > max(LARGE_PART, part.compress_size * MAX_RATIO) for part in parts)
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_INFLATED or any(dense):
        raise Unreadable(_TOO_LARGE)


def _small(archive: zipfile.ZipFile, name: str) -> bytes:
    """The first 256 KB of a part; nothing when there is none. Raises ValueError for what cannot be inflated."""
    try:
        with archive.open(name) as part:
            return part.read(256 * 1024)
    except KeyError:
        return b""
    except Exception as error:  # zlib, lzma and bz2 each have their own
        raise ValueError from error
