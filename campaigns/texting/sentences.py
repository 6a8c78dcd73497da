"""What is said of calls, as it is said of a campaign that only texts: why nobody is written to, what will happen."""

from dataclasses import replace

from campaigns.rules.why import Why

#: What is said of calls, and in its place of texts; the longer ones first.
_SAID = (
    ("Se le está llamando en este momento.", "Su mensaje está en camino."),
    ("Espere a que termine.", "Espere a que llegue."),
    ("Se pidió la llamada y no se sabe si salió", "Se pidió el mensaje y no se sabe si salió"),
    ("antes de repetirla", "antes de repetirlo"),
    ("no se ha planeado ninguna llamada", "no se ha planeado ningún mensaje"),
    ("Su próxima llamada es el", "Su mensaje sale el"),
    ("Se le puede llamar ya", "Se le puede escribir ya"),
    ("ya no se llama a nadie", "ya no se escribe a nadie"),
    ("Se están preparando sus llamadas", "Se están preparando sus mensajes"),
    ("Hoy no se llama,", "Hoy no se escribe a nadie,"),
    ("no se llama mientras", "no se escribe a nadie mientras"),
    ("no se llama hasta", "no se escribe a nadie hasta"),
    ("que se le llame a otra hora", "que se le busque a otra hora"),
    ("Está en una llamada con", "Está hablando con"),
    ("por recibirla: no se le llama hasta", "por hablar: no se le escribe hasta"),
    ("A ese teléfono se llamó hace", "A ese teléfono se llamó o se escribió hace"),
    ("A ese teléfono se llamó hoy", "A ese teléfono se llamó o se escribió hoy"),
    ("Se le llamó hace", "Se le llamó o se le escribió hace"),
    ("Se le llamó hoy", "Se le llamó o se le escribió hoy"),
    ("Ya se habló hoy con la persona", "Ya se habló hoy con la persona, o se le escribió"),
    ("Ya se habló esta semana lo que se permite", "Ya tuvo esta semana los contactos que se permiten"),
    ("se puede volver a llamar desde", "se le puede escribir desde"),
    ("el mínimo entre llamadas,", "el mínimo entre llamadas y mensajes,"),
    ("Pidió que no se le llame,", "Pidió que no se le busque,"),
    ("que no se le llame más,", "que no se le busque más,"),
    ("no deja llamarle", "no deja escribirle"),
    ("sin que se le pudiera llamar", "sin que se le pudiera escribir"),
    ("tiene un error y no se llamó", "tiene un error y no se le escribió"),
    ("a un menor de edad no se le llama", "a un menor de edad no se le escribe"),
    ("No se le vuelve a llamar en", "No se le vuelve a escribir en"),
    ("puede llamar a ese país", "puede escribir a ese país"),
    ("no sale ninguna llamada", "no sale ningún mensaje"),
    ("rechaza las llamadas de esta", "rechaza los mensajes de esta"),
    ("no confirma las llamadas. Se averigua cuáles hizo", "no confirma los mensajes. Se averigua cuáles envió"),
    ("nadie se llama dos veces", "a nadie se le escribe dos veces"),
    ("Solo queda una llamada en curso", "Solo queda un mensaje en camino"),
    ("llamadas en curso", "mensajes en camino"),
    ("Espere a que terminen.", "Espere a que lleguen."),
    ("Ya se llamó a todos", "Ya se escribió a todos"),
    ("Las llamadas en curso", "Los mensajes en camino"),
    ("terminan con normalidad", "llegan con normalidad"),
    ("no se les llamará", "no se les escribirá"),
    ("no se le llamará", "no se le escribirá"),
    ("o se llamará a nadie", "o se escribirá a nadie"),
    ("sin llamar a nadie", "sin escribir a nadie"),
    ("No se marca a nadie más", "No se escribe a nadie más"),
    ("Se vuelve a marcar", "Se vuelve a escribir"),
    ("su primer día de llamadas", "su primer día"),
    ("Se está llamando a", "Se está escribiendo a"),
    ("Las llamadas están en pausa", "Los mensajes están en pausa"),
    ("¿Por qué no marca?", "¿Por qué no envía?"),
    ("no se llama a nadie más", "no se escribe a nadie más"),
    ("no se llama a nadie", "no se escribe a nadie"),
    ("se podría llamar a", "se podría escribir a"),
    ("Se llamará a", "Se escribirá a"),
    ("se llamó a", "se escribió a"),
    ("se puede llamar", "puede recibir mensaje"),
    ("se pueden llamar", "pueden recibir mensaje"),
    ("no queda nadie por llamar", "no queda nadie a quien escribir"),
    ("está marcando", "está enviando"),
    ("se volverá a llamar", "se le volverá a escribir"),
    ("Quedaron sin llamar", "Quedaron sin mensaje"),
    ("Sin llamar", "Sin mensaje todavía"),
    ("Llamadas por minuto", "Mensajes por minuto"),
    ("Todavía no se ha hecho ninguna llamada", "Todavía no se ha enviado ningún mensaje"),
    ("Últimas llamadas", "Últimos mensajes"),
    ("sin ninguna llamada", "sin su mensaje"),
    ("las llamadas", "los mensajes"),
    ("una llamada", "un mensaje"),
    ("la llamada", "el mensaje"),
    ("llamadas", "mensajes"),
    ("Llamadas", "Mensajes"),
    ("llamada", "mensaje"),
)


def of_texts(found: list[Why]) -> list[Why]:
    """The same reasons, as they are told of texts."""
    return [replace(each, sentence=as_texts(each.sentence), do=as_texts(each.do)) for each in found]


def as_texts(sentence: str) -> str:
    """A sentence of ours about calls, about texts."""
    for calls, texts in _SAID:
        sentence = sentence.replace(calls, texts)
    return sentence
