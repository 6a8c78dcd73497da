from pathlib import Path
from datetime import timedelta
from core.roles import Role
from tests.console.builders import *
from tests.console.browser import *
from cases import consultations, orders
from beneficiaries import locks
def test_try(as_role, app, db, vault, clock):
    c = as_role(Role.SUPERVISOR)
    c.get("/")
    ex = Path("examples/formato_campanas_outbound_v1.xlsx").read_bytes()
    import time; t=time.time(); n = upload(c, ex); print("upload", time.time()-t)
    m = upload(c, forty())
    r = upload(c, forty(nombre_campana="Otra", base_legal_tratamiento=""), where="/campanas/nueva")
    a = c.post(f"/campanas/{m}/aprobar", data={"reason": "x"}); print(a.status_code, a.location)
    with db.begin() as tx:
        for k in range(3): consultations.open_case(tx, vault, clock.now()-timedelta(hours=20*k), "NO_ACTIVO", "000162975", "+50322334455", "dgs", None)
        orders.open_order(tx, vault, clock.now(), "000162975", "x@y.sv", "Cobraron su subsidio")
        for _ in range(5): locks.note_failure(tx, vault, clock.now(), document="000162975")
    called(db, vault, clock, m)
    with db.begin() as tx:
        for _ in range(5): locks.note_failure(tx, vault, clock.now(), document="000162975")
    print(c.get(f"/campanas/{m}/resultados.csv").text[:1500])
    with served(app) as address, a_browser() as browser:
        for width in (1280, 360):
            page = browser.new_page(viewport={"width": width, "height": 800})
            msgs=[]
            page.on("console", lambda m: msgs.append(m.text)); page.on("pageerror", lambda e: msgs.append(str(e)))
            page.goto(address); page.screenshot(path=f"/tmp/shotF/entrar-{width}.png")
            sign_in(page, address, "supervisor@ejemplo.gob.sv")
            for name, p in {"lista": "/campanas", "subir": "/campanas/nueva", "revision": f"/campanas/{n}/revision", "devuelta": f"/campanas/{r}/revision", "aprobar": f"/campanas/{n}/aprobar", "vivo": f"/campanas/{m}/en-vivo", "contactos": f"/campanas/{m}/contactos", "contacto": f"/campanas/{m}/contactos/502", "casos": "/casos", "ordenes": "/casos/ordenes", "bloqueos": "/casos/bloqueos", "telefono": "/telefono", "404": "/nada"}.items():
                page.goto(address + p); page.wait_for_timeout(150)
                page.screenshot(path=f"/tmp/shotF/{name}-{width}.png", full_page=True)
                w = page.evaluate("document.documentElement.scrollWidth")
                if w > width: print("OVERFLOW", name, w, width)
            print(msgs)
