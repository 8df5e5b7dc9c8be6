# Español. Palabras sencillas, trato de usted, en presente.

## Todas las páginas
page-skip = Ir al contenido principal
page-help = ¿Necesita ayuda?
page-runs-on = Funciona con Fireward
page-problem = Problema:
page-problem-title = Hay un problema
page-previous = Anterior
page-next = Siguiente
pages-label = Páginas
details = Detalles
signed-in-as = Sesión iniciada como { $name }
not-you = ¿No es usted?
sign-out = Cerrar sesión
new-tab = (se abre en otra pestaña)
sign-in-again = Volver a iniciar sesión
back-to = Volver a { $name }
cancel-to = Cancelar y volver a { $app }

## Fechas y edades
month-1 = enero
month-2 = febrero
month-3 = marzo
month-4 = abril
month-5 = mayo
month-6 = junio
month-7 = julio
month-8 = agosto
month-9 = septiembre
month-10 = octubre
month-11 = noviembre
month-12 = diciembre
date-day = { $day } de { $month } de { $year }
date-month = { $month } de { $year }
date-year = { $year }
age-months = { $count ->
    [one] { $count } mes
   *[other] { $count } meses
}
age-years = { $count ->
    [one] { $count } año
   *[other] { $count } años
}
ago-now = ahora mismo
ago-minutes = { $count ->
    [one] hace { $count } minuto
   *[other] hace { $count } minutos
}
ago-hours = { $count ->
    [one] hace { $count } hora
   *[other] hace { $count } horas
}
ago-days = { $count ->
    [one] ayer
   *[other] hace { $count } días
}
wait-seconds = { $count ->
    [one] { $count } segundo
   *[other] { $count } segundos
}
wait-minutes = { $count ->
    [one] { $count } minuto
   *[other] { $count } minutos
}
wait-hours = { $count ->
    [one] { $count } hora
   *[other] { $count } horas
}
sex-female = Mujer
sex-male = Hombre
sex-other = Otro sexo
sex-unknown = Sexo no registrado
person-born = nacimiento: { $date }
person-born-on = Nacimiento: { $date }
person-deceased = persona fallecida

## Inicio de sesión
login-title = Inicie sesión en { $organisation }
login-for-app-title = Inicie sesión para continuar a { $app }
login-again-title = ¿Sigue siendo usted, { $name }?
login-other-user = Aquí tiene la sesión iniciada { $name }, pero esto es para otra persona. Para continuar, inicie sesión con su propio nombre de usuario.
login-username = Nombre de usuario
login-password = Contraseña
login-show = Mostrar
login-show-what = la contraseña
login-sign-in = Iniciar sesión
login-wrong = El nombre de usuario y la contraseña no corresponden. Revise ambos e inténtelo de nuevo.
login-missing-username = Escriba su nombre de usuario
login-missing-password = Escriba su contraseña
login-throttled-title = Demasiados intentos
login-throttled-line = Espere { $wait } e inténtelo de nuevo. Así nadie puede adivinar su contraseña.
login-stale = Esta página estuvo abierta mucho tiempo. No se envió nada. Inicie sesión ahora.
login-promise = Nunca le pedimos la contraseña por correo electrónico ni por teléfono.
login-promise-app = Usted inicia sesión con { $organisation }. La aplicación nunca ve su contraseña.
continue-title = ¿Continuar como { $name }?
continue-to = { $app } pregunta quién es usted.
continue-as = Continuar como { $name }
continue-other = Usar otra cuenta

## Elegir una historia clínica
patient-title = ¿La historia de quién debe abrir { $app }?
patient-lede = La aplicación verá la historia clínica de esta persona y ninguna otra.
patient-search = Buscar un paciente
patient-search-hint = Por nombre, fecha de nacimiento como 1979-03-04 o número de historia
patient-search-go = Buscar
patient-group-you = Usted
patient-group-act-for = Personas por las que usted actúa
patient-group-recent = Abiertas hace poco
patient-group-found = Resultados de «{ $query }»
patient-group-everybody = Pacientes
patient-none = No hay ninguna historia clínica que usted pueda abrir.
patient-none-line = Su cuenta no está vinculada a ninguna historia clínica. Use otra cuenta o pida a { $organisation } que vincule la suya.
patient-not-found = No se encontró a nadie con «{ $query }»
patient-not-found-hint = Pruebe con menos letras, solo el apellido o la fecha de nacimiento.
patient-role = Usted es:
role-name = { $role ->
    [mother] madre
    [father] padre
    [parent] madre o padre
    [grandmother] abuela
    [grandfather] abuelo
    [grandparent] abuela o abuelo
    [guardian] tutor legal
    [daughter] hija
    [son] hijo
    [child] hija o hijo
    [spouse] cónyuge
    [wife] esposa
    [husband] esposo
    [partner] pareja
    [sister] hermana
    [brother] hermano
    [sibling] hermana o hermano
    [carer] persona cuidadora
    [caregiver] persona cuidadora
    [proxy] representante
   *[other] { $role }
}
patient-number = Historia { $number }
patient-choose = Abrir esta historia
patient-missing = Elija a una persona
encounter-title = ¿Qué visita de { $name }?
encounter-lede = { $app } trabaja dentro de una sola visita.
encounter-now = en curso
encounter-none = No hay visitas registradas de esta persona.
encounter-choose = Abrir esta visita
encounter-without = Seguir sin visita
context-title = ¿Qué debe abrir { $app }?
context-lede = { $app } pide uno de estos elementos: { $what }
context-lede-of = { $app } pide uno de estos elementos de { $name }: { $what }
context-role = La aplicación lo llama:
context-none = No hay nada registrado de este tipo.
context-none-line = Puede seguir sin elegir. { $app } sabrá entonces que no hay ninguno y quizá muestre menos.
context-choose = Abrir este
context-without = Seguir sin elegir
context-missing = Elija uno
picker-down = La historia clínica no responde
picker-down-line = No se ha perdido nada. Vuelva a intentarlo dentro de un momento.
picker-retry = Intentar de nuevo

## Consentimiento
consent-title-see-yours = ¿Permitir que { $app } vea su historia clínica?
consent-title-see-change-yours = ¿Permitir que { $app } vea y cambie su historia clínica?
consent-title-change-yours = ¿Permitir que { $app } cambie su historia clínica?
consent-title-see-theirs = ¿Permitir que { $app } vea la historia clínica de { $name }?
consent-title-see-change-theirs = ¿Permitir que { $app } vea y cambie la historia clínica de { $name }?
consent-title-change-theirs = ¿Permitir que { $app } cambie la historia clínica de { $name }?
consent-title-see-all = ¿Permitir que { $app } vea las historias que usted puede abrir?
consent-title-see-change-all = ¿Permitir que { $app } vea y cambie las historias que usted puede abrir?
consent-title-change-all = ¿Permitir que { $app } cambie las historias que usted puede abrir?
consent-title-identity = ¿Permitir que { $app } sepa quién es usted?
consent-by = De { $publisher }
consent-opened-from = Abierta desde { $ehr }
consent-review-own = Una aplicación de { $organisation }
consent-review-done = Revisada por { $organisation }
consent-review-none = No revisada por { $organisation }
consent-your-record = Su historia clínica
consent-record-of = La historia clínica de
consent-change-record = Elegir otra
consent-section-see-yours = Verá, en su historia clínica
consent-section-see-theirs = Verá, en la historia clínica de { $name }
consent-section-see-all = Verá, en todas las historias que usted puede abrir
consent-section-change-yours = Cambiará su historia clínica
consent-section-change-theirs = Cambiará la historia clínica de { $name }
consent-section-change-all = Cambiará cualquier historia que usted puede abrir
consent-change-warning = Lo que añada o cambie queda escrito, y otras personas confiarán en ello.
consent-section-others = Sabrá
consent-sensitive = Delicado
consent-needed = La aplicación dice que lo necesita
consent-nothing = No hay nada activado. Active lo que la aplicación puede tener o elija «No permitir».
consent-until = ¿Durante cuánto tiempo?
consent-until-visit = Durante esta visita
consent-until-30-days = Durante 30 días
consent-until-year = Durante un año
consent-until-stopped = Hasta que yo lo retire
consent-offline = También cuando usted no usa la aplicación
consent-offline-line = { $app } puede volver por su cuenta hasta que termine el plazo indicado arriba.
consent-effect = «Permitir» da a { $app } lo que está activado arriba y nada más.
consent-undo = Puede retirarlo cuando quiera en
consent-allow = Permitir
consent-deny = No permitir
consent-returns-to = En ambos casos vuelve a { $host }
consent-policy = Política de privacidad de { $app }
consent-terms = Condiciones de { $app }

## Clases de datos
records-everything = Toda la historia clínica
records-everything-line = Todas las clases de datos que hay ahora y las que se añadan después
records-about-you = Datos personales
records-about-yourself = Sus datos personales
records-conditions = Enfermedades
records-medicines = Medicamentos
records-allergies = Alergias
records-labs-and-vitals = Análisis y constantes vitales
records-visits = Visitas
records-documents = Documentos
records-other = Otras partes de la historia

record-name = { $kind ->
    [problem-list-item] Problemas en curso
    [encounter-diagnosis] Diagnósticos hechos en visitas
    [health-concern] Preocupaciones de salud
    [laboratory] Resultados de laboratorio
    [vital-signs] Constantes vitales como tensión arterial y peso
    [social-history] Vida y hábitos como tabaco, alcohol y trabajo
    [imaging] Radiografías e imágenes
    [survey] Respuestas a cuestionarios
    [exam] Hallazgos de exploraciones
    [procedure] Resultados de procedimientos
    [clinical-note] Notas de profesionales
    [record-location] Dónde más hay historias clínicas
   *[none] { $resource ->
        [all] Toda la historia clínica
        [Account] Cuentas de facturación
        [AdverseEvent] Incidentes perjudiciales
        [AllergyIntolerance] Alergias y reacciones
        [Appointment] Citas
        [AppointmentResponse] Respuestas a citas
        [AuditEvent] Quién ha mirado la historia
        [Binary] Archivos adjuntos
        [BodyStructure] Partes del cuerpo
        [CarePlan] Planes de cuidados
        [CareTeam] Equipo de atención
        [Claim] Reclamaciones al seguro
        [ClaimResponse] Respuestas del seguro
        [ClinicalImpression] Valoraciones clínicas
        [Communication] Mensajes
        [CommunicationRequest] Peticiones de mensajes
        [Composition] Documentos compuestos
        [Condition] Problemas de salud y diagnósticos
        [Consent] Consentimientos dados
        [Coverage] Cobertura del seguro
        [DetectedIssue] Avisos como interacciones de medicamentos
        [Device] Dispositivos médicos
        [DeviceRequest] Dispositivos pedidos
        [DeviceUseStatement] Dispositivos en uso
        [DiagnosticReport] Informes de pruebas
        [DocumentManifest] Conjuntos de documentos
        [DocumentReference] Documentos y notas
        [Encounter] Visitas y estancias en el hospital
        [EpisodeOfCare] Periodos de atención
        [ExplanationOfBenefit] Pagos del seguro
        [FamilyMemberHistory] Antecedentes familiares
        [Flag] Alertas
        [Goal] Objetivos
        [Group] Grupos de personas
        [HealthcareService] Servicios ofrecidos
        [ImagingStudy] Radiografías e imágenes
        [Immunization] Vacunas
        [ImmunizationRecommendation] Vacunas pendientes
        [List] Listas
        [Location] Lugares de atención
        [Media] Fotos y grabaciones
        [Medication] Medicamentos en detalle
        [MedicationAdministration] Medicamentos administrados
        [MedicationDispense] Medicamentos entregados
        [MedicationRequest] Recetas
        [MedicationStatement] Medicamentos tomados
        [NutritionOrder] Dietas indicadas
        [Observation] Mediciones y resultados
        [Organization] Hospitales y clínicas
        [Patient] Nombre, fecha de nacimiento y contacto
        [Person] Identidades vinculadas
        [Practitioner] Profesionales
        [PractitionerRole] Funciones de los profesionales
        [Procedure] Operaciones y procedimientos
        [Provenance] De dónde vienen los datos
        [Questionnaire] Cuestionarios
        [QuestionnaireResponse] Cuestionarios contestados
        [RelatedPerson] Familia y cuidadores
        [RequestGroup] Grupos de peticiones
        [ResearchSubject] Participación en investigación
        [RiskAssessment] Valoraciones de riesgo
        [Schedule] Agendas
        [ServiceRequest] Pruebas y derivaciones pedidas
        [Slot] Horas libres
        [Specimen] Muestras
        [SupplyRequest] Suministros pedidos
        [Task] Tareas
        [VisionPrescription] Gafas y lentillas
       *[other] Datos del tipo { $resource }
    }
}
record-name-filtered = { $name }, solo con { $filter }

# Lo que se pide de añadir (c), cambiar (u) y borrar (d), y nada más.
record-writes = { $writes ->
    [cu] Añadir o cambiar
    [cd] Añadir o borrar
    [ud] Cambiar o borrar
    [c] Añadir
    [u] Cambiar
    [d] Borrar
   *[cud] Añadir, cambiar o borrar
}
record-see-and-writes = { $writes ->
    [cu] Ver, añadir o cambiar
    [cd] Ver, añadir o borrar
    [ud] Ver, cambiar o borrar
    [c] Ver y añadir
    [u] Ver y cambiar
    [d] Ver y borrar
   *[cud] Ver, añadir, cambiar o borrar
}

scope-see = { $level ->
    [patient] Ver: { $name }
    [user] Ver en toda historia que usted puede abrir: { $name }
   *[system] Ver sin que nadie inicie sesión: { $name }
}
scope-add = { $level ->
    [patient] Añadir: { $name }
    [user] Añadir en cualquier historia que usted puede abrir: { $name }
   *[system] Añadir sin que nadie inicie sesión: { $name }
}
scope-change = { $level ->
    [patient] { record-writes }: { $name }
    [user] { record-writes } en cualquier historia que usted puede abrir: { $name }
   *[system] { record-writes } sin que nadie inicie sesión: { $name }
}
scope-see-and-add = { $level ->
    [patient] Ver y añadir: { $name }
    [user] Ver y añadir en cualquier historia que usted puede abrir: { $name }
   *[system] Ver y añadir sin que nadie inicie sesión: { $name }
}
scope-see-and-change = { $level ->
    [patient] { record-see-and-writes }: { $name }
    [user] { record-see-and-writes } en cualquier historia que usted puede abrir: { $name }
   *[system] { record-see-and-writes } sin que nadie inicie sesión: { $name }
}
scope-openid = Que es usted, cada vez que vuelve
scope-fhir-user = Quién es usted en la historia clínica
scope-profile = Su nombre y otros datos de su perfil
scope-email = Su correo electrónico
scope-address = Su dirección postal
scope-phone = Su número de teléfono
scope-offline-access = También cuando usted no usa la aplicación
scope-online-access = Mientras tenga la sesión iniciada
scope-launch = Qué está abierto ahora en el sistema clínico
scope-launch-context = { $type ->
    [patient] La historia de quién está abierta
    [encounter] Qué visita está abierta
    [practitioner] Qué profesional está trabajando
    [location] Qué lugar de atención está abierto
    [organization] Qué organización está abierta
   *[other] Cuál está abierto de: { $name }
}
scope-extension = Un derecho propio: { $name }
scope-own-state = { $level ->
    [patient] Sus propios ajustes para esta historia, en todos los dispositivos
   *[user] Sus propios ajustes para usted, en todos los dispositivos
}

## Cuenta
account-title = Su cuenta
account-apps = { $count ->
    [0] No hay aplicaciones conectadas
    [one] { $count } aplicación está conectada
   *[other] { $count } aplicaciones están conectadas
}
account-sessions = { $count ->
    [one] Tiene la sesión iniciada en { $count } dispositivo
   *[other] Tiene la sesión iniciada en { $count } dispositivos
}
account-password = Por si alguien conoce la que tiene
account-looks = Cada vez que una aplicación o una persona abrió un historial suyo
apps-looks = ¿Qué han mirado?
looks-tab = Quién miró
looks-title = Quién miró el historial
looks-lede = Cada vez que una persona o una aplicación abrió este historial, buscó en él o lo cambió, y lo que se denegó. Las exportaciones de muchos historiales a la vez no están en esta lista.
looks-whose = De quién es el historial
looks-your-own = Su propio historial
looks-record = Historial { $number }
looks-span = Desde cuándo
looks-span-7 = Los últimos 7 días
looks-span-30 = Los últimos 30 días
looks-span-365 = El último año
looks-span-all = Desde el principio
looks-show = Mostrar
looks-you = Usted
looks-alone = Ninguna persona: una aplicación por sí sola
looks-person = Alguien que aquí se conoce como { $id }
looks-nobody = Alguien que no mostró quién es
looks-with = con la aplicación { $app }
looks-saw = Miró
looks-changed = Cambió
looks-refused = Lo intentó y se le denegó
looks-when = Cuándo
looks-minute = { $count ->
    [one] { $first } UTC
   *[other] { $count } veces, { $first } UTC
}
looks-times = { $count ->
    [one] { $first } UTC
   *[other] { $count } veces, de { $first } a { $last } UTC
}
looks-from = Desde
looks-none = Nadie miró
looks-none-line = En este tiempo nadie abrió este historial, ni buscó en él, ni lo cambió aquí.
looks-no-record = Aquí no hay ningún historial suyo
looks-no-record-line = Esta página muestra quién miró su propio historial, o el de alguien a quien usted cuida.
looks-down = La lista no se puede mostrar ahora
looks-down-line = El servidor que guarda el historial no responde. No se ha perdido nada: inténtelo de nuevo en un minuto.
looks-own = Este servidor busca nombres por sí mismo, para páginas como esta. Esas consultas no se muestran aquí.
looks-own-show = Mostrarlas
looks-own-hide = No mostrarlas
looks-earlier = Anteriores
looks-csv = Como tabla para otros programas (CSV)
looks-print = Para imprimir la lista, use su navegador: en papel no salen los menús.
apps-title = Aplicaciones conectadas
apps-lede = Estas aplicaciones acceden a una historia clínica porque usted lo permitió.
apps-lost = ¿Ha perdido un teléfono o un ordenador?
apps-none = No hay aplicaciones conectadas
apps-none-line = Cuando permita que una aplicación vea una historia, aparecerá aquí y aquí podrá pararla.
apps-whose = Historia de
apps-sees = Puede ver
apps-changes = Puede cambiar
apps-identity = Quién es usted, ninguna historia clínica
apps-since = Permitida el
apps-used = Último uso
apps-never = todavía no
apps-until = Termina
apps-until-stopped = cuando usted la pare
apps-offline = también cuando usted no la usa
apps-disconnect = Desconectar
disconnect-title = ¿Desconectar { $app }?
disconnect-what = { $app } deja de acceder a la historia clínica.
disconnect-kept = Lo que { $app } ya copió sigue en su poder. Pida a quien la hizo que lo borre.
disconnect-keep = Mantenerla conectada
effect-now = Tiene efecto de inmediato.
effect-within = { $what ->
    [app] Pierde todo acceso en un máximo de { $wait }.
    [session] Las aplicaciones abiertas allí pierden el acceso en un máximo de { $wait }.
   *[all] Todas las aplicaciones pierden el acceso en un máximo de { $wait }.
}
devices-tab = Dispositivos
devices-title = Perdí un dispositivo
devices-lede = Cierre la sesión en un dispositivo que ya no tiene o en todos a la vez.
devices-end-all = Cerrar todas las sesiones y parar las aplicaciones
devices-sessions = Dónde tiene la sesión iniciada
devices-this = Este dispositivo
devices-seen = visto por última vez:
devices-began = Sesión iniciada el
devices-end = Cerrar sesión allí
device-browser-on = { $browser } en { $system }
device-one = { $name }
device-unknown = Un dispositivo que no podemos nombrar
end-all-title = ¿Cerrar la sesión en todas partes y parar todas las aplicaciones?
end-all-sessions = { $count ->
    [one] Se cierra la sesión en { $count } dispositivo, que es este.
   *[other] Se cierra la sesión en { $count } dispositivos, incluido este.
}
end-all-apps = { $count ->
    [0] No hay aplicaciones conectadas, así que no hay nada que parar.
    [one] Se desconecta { $count } aplicación.
   *[other] Se desconectan { $count } aplicaciones.
}
end-all-after = Después vuelva a iniciar sesión y elija otra contraseña si alguien puede conocer la anterior.
end-all-go = Cerrar todas las sesiones
end-all-keep = No cambiar nada
receipt-app-title = { $app } está desconectada
receipt-session-title = La sesión de ese dispositivo está cerrada
receipt-all-title = Ha cerrado la sesión en todas partes
receipt-app-line = Ya no recibe ningún acceso nuevo a la historia.
receipt-session-line = Quien lo tenga necesita su contraseña para entrar.
receipt-all-sessions = { $count ->
    [one] Se cerró la sesión en { $count } dispositivo.
   *[other] Se cerró la sesión en { $count } dispositivos.
}
receipt-all-apps = { $count ->
    [0] No había aplicaciones conectadas.
    [one] Se desconectó { $count } aplicación.
   *[other] Se desconectaron { $count } aplicaciones.
}
receipt-password-title = Su contraseña ha cambiado
receipt-password-sessions = { $count ->
    [0] Aquí sigue con la sesión iniciada. No la tenía en otros dispositivos.
    [one] Aquí sigue con la sesión iniciada. Se cerró en { $count } dispositivo más.
   *[other] Aquí sigue con la sesión iniciada. Se cerró en { $count } dispositivos más.
}
receipt-back = Volver a las aplicaciones conectadas

## Una contraseña nueva
password-title = Elegir otra contraseña
password-effect = Aquí sigue con la sesión iniciada. Se cierra en los demás dispositivos y se desconectan todas las aplicaciones.
password-current = Contraseña actual
password-new = Contraseña nueva
password-again = Contraseña nueva otra vez
password-expected = { $count } caracteres o más. Varias palabras seguidas son una buena idea. Ni su nombre de usuario ni una que usa mucha gente.
password-go = Cambiar la contraseña
password-current-missing = Escriba su contraseña actual
password-current-wrong = Esa no es su contraseña actual
password-short = La contraseña nueva necesita { $count } caracteres o más
password-long = La contraseña nueva es demasiado larga
password-user-name = La contraseña nueva es su nombre de usuario. Elija otra
password-common = Mucha gente usa esta contraseña. Elija una más difícil de adivinar
password-same = Esa es la contraseña que ya tiene. Elija otra
password-unequal = Las dos contraseñas nuevas no son iguales

## Cerrar sesión
logout-title = ¿Cerrar la sesión de { $organisation }?
logout-asked = { $app } pide cerrar su sesión.
logout-line = Las aplicaciones que solo ven su historia mientras tiene la sesión iniciada pierden el acceso. Las demás siguen conectadas.
logout-stay = Seguir con la sesión
logged-out-title = Ha cerrado la sesión
logged-out-line = Si otras personas usan este dispositivo, cierre la ventana.

## Cuando algo no sigue
turn-you = Lo que usted puede hacer
turn-app = Lo que debe hacer quien hizo la aplicación
turn-app-named = Lo que deben hacer quienes hicieron { $app }
turn-us = Lo que debe hacer { $organisation }
trouble-reference = Si pide ayuda, cite esto
trouble-request = Petición
trouble-code = Error
trouble-parameter = Parámetro
trouble-detail = Para desarrolladores
trouble-wait = Espere { $wait }.
trouble-onward = Continuar
trouble-explained = Qué era incorrecto exactamente
trouble-unknown-app-title = No conocemos esta aplicación
trouble-unknown-app-what = Una aplicación le envió aquí, pero no está registrada con nosotros. No se compartió nada.
trouble-unknown-app-next = Primero hay que registrar la aplicación aquí. Puede cerrar esta página.
trouble-unknown-return-address-title = No podemos devolverle de forma segura
trouble-unknown-return-address-what = La aplicación pidió enviarle a una dirección que no ha registrado. No se compartió nada.
trouble-unknown-return-address-next = Hay que registrar la dirección exactamente como se envía. Puede cerrar esta página.
trouble-faulty-request-title = No entendemos la petición de la aplicación
trouble-faulty-request-what = Su petición está incompleta o se contradice. No se compartió nada.
trouble-faulty-request-next = Hay que corregir la petición. Puede cerrar esta página.
trouble-not-allowed-title = Esta aplicación no puede pedir eso
trouble-not-allowed-what = Pidió algo que aquí no tiene derecho a pedir. No se compartió nada.
trouble-not-allowed-next = Hay que cambiar el registro de la aplicación o su petición. Puede cerrar esta página.
trouble-expired-title = Ha pasado demasiado tiempo
trouble-expired-what = Por su seguridad, una petición solo vale unos minutos. No se compartió nada.
trouble-expired-next = Vuelva a la aplicación y empiece de nuevo desde allí.
trouble-foreign-form-title = Esta página está anticuada
trouble-foreign-form-what = El formulario que envió es de otra sesión o de una página anterior. No se hizo nada.
trouble-foreign-form-next = Vuelva a donde estaba y empiece de nuevo allí.
trouble-no-cookies-title = Su navegador no guarda nuestras cookies
trouble-no-cookies-what = Sin una cookie no sabemos si en la página siguiente sigue siendo usted.
trouble-no-cookies-next = Permita las cookies de este sitio, o abra la aplicación en su propia ventana, y empiece de nuevo.
trouble-launch-unusable-title = Este inicio ya no se puede usar
trouble-launch-unusable-what = El sistema clínico inició la aplicación, pero ese inicio ya se usó o es demasiado antiguo.
trouble-launch-unusable-next = Vuelva a iniciar la aplicación desde la historia del paciente.
trouble-no-record-title = No hay ninguna historia que compartir
trouble-no-record-what = La historia que pide la aplicación no está aquí, o su cuenta no está vinculada a ella.
trouble-no-record-next = Vuelva a la aplicación y empiece de nuevo con otra historia, o pídanos que vinculemos su cuenta a ella.
trouble-not-yours-title = Usted no puede hacer esto
trouble-not-yours-what = Su cuenta no tiene derecho a abrir esto.
trouble-not-yours-next = Inicie sesión como alguien que pueda o pídanos ayuda.
trouble-too-many-title = Demasiadas peticiones
trouble-too-many-what = Llegaron tantas peticiones que tenemos que ir más despacio.
trouble-too-many-next = Espere un poco e inténtelo de nuevo.
trouble-not-found-title = Aquí no hay nada
trouble-not-found-what = Puede que la dirección esté mal escrita o que la página se haya movido.
trouble-not-found-next = Revise la dirección o vuelva a donde estaba.
trouble-wrong-method-title = Esta página no se abre así
trouble-wrong-method-what = La dirección es correcta, pero responde a otra clase de petición.
trouble-wrong-method-next = Vuelva a donde estaba y empiece de nuevo allí.
trouble-too-large-title = Demasiado de una vez
trouble-too-large-what = Lo que se envió es más grande de lo que admite esta página.
trouble-too-large-next = Envíe menos o pregunte a quienes hicieron la aplicación.
trouble-elsewhere-down-title = Ahora no podemos acceder a las historias clínicas
trouble-elsewhere-down-what = El servidor que las guarda no responde. No se perdió nada.
trouble-elsewhere-down-next = Recibimos un aviso automático. Inténtelo de nuevo en unos minutos.
trouble-our-fault-title = Algo falló por nuestra parte
trouble-our-fault-what = No es culpa suya y no se compartió nada.
trouble-our-fault-next = Recibimos un aviso automático. Inténtelo de nuevo en unos minutos.
leaving-title = Está a punto de salir de { $organisation }
leaving-what = Una aplicación que se llama a sí misma «{ $app }» envió una petición que no podemos contestar. No se compartió nada.
leaving-host = El enlace de abajo lleva a:
leaving-line = { $organisation } no conoce esta aplicación. Siga solo si sabe adónde lleva.
leaving-go = Ir allí
post-title = De vuelta a { $app }
post-line = Si no pasa nada, siga usted.
post-go = Continuar
window-title = Continúe en otra ventana
window-line = Por su seguridad, esta página nunca se muestra dentro de otra.
window-line-app = { $app } está abierta dentro de otra página. Por su seguridad, usted inicia sesión y decide en una ventana propia.
window-go = Continuar en otra ventana

## Página de inicio del servidor
home-title = Acceso a historias clínicas en { $organisation }
home-lede = Las aplicaciones preguntan aquí antes de ver una historia clínica. Usted decide cuáles, para qué y durante cuánto tiempo.
home-account = Ver mis aplicaciones conectadas
home-developers = Para desarrolladores
home-developers-line = Un servidor de autorización OAuth 2.0, OpenID Connect y SMART App Launch 2.2.
home-issuer = Emisor
home-fhir = Servidor FHIR

## Errores explicados a quien desarrolla
explained-title = Qué significa «{ $code }»
explained-happened = Qué pasó en esta petición
explained-sent = Enviado
explained-nothing = Nada
explained-expected = Esperado
explained-scopes = Permisos que no se pueden conceder
explained-client = Cliente
explained-when = Cuándo
explained-forgotten = Ya no se guarda nada de esta petición
explained-forgotten-line = Lo que pasó en una petición se puede leer aquí durante una hora. Inténtelo otra vez y siga el nuevo enlace.
explained-privacy = Esta página es para quien desarrolla la aplicación. No muestra nada de ningún paciente ni de quien inició la sesión.
error-invalid_request = Falta un parámetro, está dos veces o tiene un valor que no puede tener. Corrija la petición; repetirla no sirve.
error-invalid_client = La aplicación no pudo demostrar quién es: no se conoce o está desactivada, usó otro método que el registrado, o su secreto o su firma no son correctos.
error-invalid_grant = El código o el token de renovación no vale: ya se usó, ha caducado, se retiró o es de otra aplicación o petición. Empiece otra vez en el punto de autorización.
error-unauthorized_client = La aplicación se conoce, pero no está registrada para pedir de esta forma. Hay que cambiar su registro.
error-unsupported_grant_type = El punto de tokens no conoce este tipo de concesión.
error-unsupported_response_type = El punto de autorización responde con un código y con nada más.
error-invalid_scope = Nada de lo pedido se puede conceder, o se pidió más de lo concedido. Junto a cada permiso está el motivo; compárelo con el registro de la aplicación y con scopes_supported.
error-access_denied = La persona dijo que no, o no puede conceder esto. Pedirlo otra vez enseguida no cambia nada; deje que empiece de nuevo.
error-server_error = Algo falló en nuestro lado. Inténtelo más tarde; si sigue pasando, cite la petición.
error-temporarily_unavailable = Ahora mismo hay demasiado que hacer. Espere lo que dice Retry-After e inténtelo otra vez.
error-invalid_target = El servidor FHIR indicado no es de este emisor, o varios servirían y no se indicó ninguno.
error-unsupported_token_type = Los tokens de este tipo no se pueden revocar.
error-invalid_token = El token de acceso ha caducado, se revocó o no es de este emisor. Renuévelo o empiece otra vez.
error-insufficient_scope = El token de acceso es bueno, pero le falta un permiso que esto necesita.
error-login_required = La petición decía prompt=none y nadie ha iniciado la sesión que pide. Pida otra vez sin eso, para que la persona pueda entrar.
error-consent_required = La petición decía prompt=none y la persona no había permitido esto antes. Pida otra vez sin eso.
error-interaction_required = La petición decía prompt=none y la persona tiene que elegir una historia. Pida otra vez sin eso.
error-request_not_supported = Se envió un objeto de petición y la aplicación no ha registrado claves para comprobarlo: registre jwks_uri o jwks, o envíe los propios parámetros.
error-invalid_request_uri = La petición a la que se refiere ha caducado, ya se usó o nunca se depositó aquí. Deposítela otra vez.
error-invalid_request_object = El objeto de petición no está firmado por la clave registrada de la aplicación, ha caducado o no es para este servidor.
error-request_uri_not_supported = No se admiten objetos de petición por referencia: envíe los propios parámetros.
error-registration_not_supported = Una aplicación no se puede registrar dentro de una petición.
error-unmet_authentication_requirements = Aquí nadie puede iniciar la sesión de la forma pedida.
reason-unknown = Aquí no existe ese permiso.
reason-registration = La aplicación no está registrada para él. Añádalo a su registro.
reason-grant-type = La aplicación no está registrada para el tipo de concesión refresh_token, que hace falta. Añádalo a su registro.
reason-server = El servidor FHIR no lo ofrece.
reason-flow = No significa nada en este tipo de arranque: «launch» necesita un arranque desde la historia clínica, y sin él solo se puede pedir lo que aquí se puede elegir.
reason-nothing = Aquí no se guarda nada de eso.
reason-turned-off = Este servidor ha desactivado una capacidad que hace falta. La configuración SMART enumera las activas.
reason-context = Solo vale para algo concreto, como un paciente o una visita, y la aplicación se abrió sin ello: el sistema de historias clínicas no lo indicó y aquí no se eligió.
reason-account = La cuenta con la que se inició la sesión no tiene un recurso FHIR propio.
reason-policy = Una regla de este servidor no lo permite.
reason-person = La persona no lo permitió.
reason-visit = La persona permitió la aplicación solo para esta visita, así que nada dura más.
cause-code-used = Este código ya se había canjeado. Un código vale una vez; como alguien más pudo verlo, todo lo que salió de él ha terminado.
cause-code-late = Este código se canjeó demasiado tarde. Canjéelo enseguida: vale alrededor de un minuto.
cause-refresh-used = Este token de renovación ya tenía un sustituto. Guarde siempre el más nuevo; como uno viejo pudo copiarse, la concesión ha terminado.
cause-withdrawn = La persona desconectó la aplicación o cerró todas sus sesiones.
cause-revoked = La aplicación devolvió un token de esta concesión.
cause-replayed = Un código o token de renovación de esta concesión se usó dos veces, así que ha terminado.
cause-session-over = Ha terminado la sesión a la que esto estaba ligado: la persona la cerró o estuvo ausente demasiado tiempo. offline_access dura más que las sesiones, online_access no.
cause-run-out = Se acabó el tiempo para el que se concedió: el final que eligió la persona, o el máximo que permite este servidor.
cause-rights-withdrawn = La persona ya no puede conceder esto.
cause-not-refreshable = No queda nada que permita renovar: la aplicación ya no está registrada para ello, o este servidor lo ha desactivado.
cause-turned-off = Este servidor ha desactivado la capacidad { $capability }.
refresh-offline = Llegó un token de renovación. Sigue valiendo cuando la persona no está, hasta que termine la concesión.
refresh-online = Llegó un token de renovación. Vale mientras la persona tenga la sesión iniciada, y no más.
refresh-not-asked = No llegó token de renovación, porque no se pidió ni offline_access ni online_access.
refresh-dropped = No llegó token de renovación, porque lo pedido para ello no se concedió.
