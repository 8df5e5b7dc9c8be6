## El sistema de historias clínicas de demostración

ehr-front-title = ¿Adónde quiere ir?
ehr-front-lede = Un pequeño sistema de historias clínicas y una aplicación de ejemplo. Ambos usan este Fireward para que las personas inicien sesión.
ehr-front-clinician = Atiendo a pacientes
ehr-front-clinician-what = Inicie sesión como profesional, abra la historia de un paciente y use una aplicación desde ella.
ehr-front-open = Abrir las historias clínicas
ehr-front-app = { $app }, por separado
ehr-front-app-open = Abrir { $app }
ehr-synthetic = Todas las personas y datos son inventados. No sirven para la atención médica.
ehr-signed-out = Ha cerrado la sesión.

ehr-signed-in-as = Sesión de
ehr-sign-out = Cerrar sesión
ehr-patient = Paciente
ehr-record-number = Historia

ehr-patients = Pacientes
ehr-patients-count = { $count ->
    [one] { $count } paciente
   *[other] { $count } pacientes
}
ehr-find = Buscar un paciente
ehr-find-hint = Nombre, fecha de nacimiento como 1979-03-04 o número de historia. Deben coincidir todas las palabras.
ehr-search = Buscar
ehr-nobody = Todavía no hay pacientes.
ehr-not-found = Nadie coincide con «{ $query }».
ehr-show-all = Mostrar todos los pacientes
ehr-pages = Páginas
ehr-previous = Anterior
ehr-next = Siguiente

ehr-back-to-patients = Todos los pacientes
ehr-back-to-chart = Volver a la historia
ehr-apps = Aplicaciones
ehr-no-apps = No hay aplicaciones configuradas.
ehr-open-tab = Abrir en una pestaña
ehr-open-here = Abrir aquí
ehr-frame-elsewhere = Si { $app } siguió en otra ventana:
ehr-frame-again = Abrirla aquí de nuevo
ehr-launch-options = Lo que se le dice a la aplicación
ehr-launch-visit = Visita
ehr-launch-no-visit = Ninguna visita
ehr-launch-intent = Mostrar primero
ehr-launch-no-intent = Lo que la aplicación prefiera
ehr-launch-look = Aspecto
ehr-launch-no-look = El habitual
ehr-launch-banner = Nombre del paciente
ehr-launch-banner-fitting = Donde falte, lo muestra la aplicación
ehr-launch-banner-app = Lo muestra la aplicación
ehr-launch-banner-ehr = Lo muestra el sistema de historias

ehr-tasks = Pendiente
ehr-task-launch = Abrir { $app }
ehr-task-unfit = No se puede abrir la aplicación.
ehr-task-no-app = La tarea no dice qué aplicación.
ehr-task-several-apps = La tarea nombra más de una aplicación.
ehr-task-unknown-app = Ninguna aplicación de aquí tiene la dirección que nombra.
ehr-task-wrong-code = Su código no es de los que abren una aplicación.
ehr-task-other-patient = No es para este paciente.
ehr-task-over = Está terminada o se canceló.
ehr-task-unreadable = Hay algo en ella que no se puede leer.

ehr-vitals = Signos vitales
ehr-labs = Resultados de laboratorio
ehr-problems = Problemas de salud
ehr-medicines = Medicamentos
ehr-allergies = Alergias
ehr-visits = Visitas
ehr-earlier-visits = { $count ->
    [one] { $count } visita anterior
   *[other] { $count } visitas anteriores
}
ehr-measure = Medición
ehr-value = Último valor
ehr-range = Rango habitual
ehr-date = Cuándo
ehr-trend = Evolución
ehr-high = Alto
ehr-low = Bajo
ehr-grave = Riesgo alto
ehr-past = Pasado
ehr-now = Ahora
ehr-since = desde { $date }
ehr-none-recorded = No hay nada registrado.
ehr-refused = No tiene permiso para ver esta parte.
ehr-failed = No se pudo leer esta parte. Vuelva a cargar la página.
