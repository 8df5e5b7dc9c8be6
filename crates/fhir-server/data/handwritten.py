"""The records that the generator lacks, written by hand around the demo's users.

The people who sign in have ids that can be read: Practitioner/demo-clinician, Patient/hank-carter (the user
`patient`), and Person/demo-caregiver, who is RelatedPerson/demo-caregiver-1 of Thomas Jackson and
RelatedPerson/demo-caregiver-2 of Bonnie Jackson, because a RelatedPerson belongs to exactly one patient.
"""

SNOMED, LOINC, UCUM = "http://snomed.info/sct", "http://loinc.org", "http://unitsofmeasure.org"
HL7 = "http://terminology.hl7.org/CodeSystem/"
HANK, CLINICIAN = "Patient/hank-carter", "Practitioner/demo-clinician"
HOSPITAL = "Organization/hospital-main"


def resources():
    people = [clinician(), clinicians_role(), care_manager(), person()]
    people += [related_person(1, "thomas-jackson"), related_person(2, "bonnie-jackson")]
    care = [goal(), weight_goal(), care_plan(), care_team(), device(), device_use(), medication(), medication_request()]
    work = [provenance(), *appointments(), group(), task(), questionnaire(), questionnaire_response()]
    return people + care + work


def resource(kind, ident, updated, **members):
    return {"resourceType": kind, "id": ident, "meta": {"versionId": "1", "lastUpdated": updated}, **members}


def ref(target, display=None):
    return {"reference": target} | ({"display": display} if display else {})


def concept(system, code, display, text=None):
    return {"coding": [{"system": system, "code": code, "display": display}], "text": text or display}


def quantity(value, unit, code=None):
    return {"value": value, "unit": unit, "system": UCUM, "code": code or unit}


def clinician():
    return resource(
        "Practitioner", "demo-clinician", "2020-11-01T08:00:00Z", active=True,
        identifier=[{"system": "http://hospital.example.org/identifiers/staff", "value": "demo-clinician"}],
        name=[{"use": "official", "family": "Okafor", "given": ["Amara"], "prefix": ["Dr."]}], gender="female",
        telecom=[{"system": "phone", "value": "(617) 555-0142", "use": "work"},
                 {"system": "email", "value": "amara.okafor@hospital.example.org", "use": "work"}],
        qualification=[{"code": concept(HL7 + "v2-0360", "MD", "Doctor of Medicine")}],
    )


def clinicians_role():
    return resource(
        "PractitionerRole", "demo-clinician-role", "2020-11-01T08:00:00Z", active=True,
        practitioner=ref(CLINICIAN, "Dr. Amara Okafor"), organization=ref(HOSPITAL),
        code=[concept(HL7 + "practitioner-role", "doctor", "Doctor")],
        specialty=[concept(SNOMED, "419192003", "Internal medicine")],
        telecom=[{"system": "phone", "value": "(617) 555-0142", "use": "work"}],
    )


def care_manager():
    return resource(
        "Practitioner", "demo-nurse", "2020-11-01T08:00:00Z", active=True,
        name=[{"use": "official", "family": "Lindqvist", "given": ["Petra"]}], gender="female",
        qualification=[{"code": concept(HL7 + "v2-0360", "RN", "Registered Nurse")}],
    )


def caregivers_name():
    return [{"use": "official", "family": "Jackson", "given": ["Dana"]}]


def related_person(number, patient):
    return resource(
        "RelatedPerson", f"demo-caregiver-{number}", "2025-04-20T09:00:00Z", active=True,
        patient=ref(f"Patient/{patient}"), name=caregivers_name(), gender="female", birthDate="1971-03-22",
        relationship=[concept(HL7 + "v3-RoleCode", "GRMTH", "grandmother"), concept(HL7 + "v3-RoleCode", "GUARD", "guardian")],
        telecom=[{"system": "phone", "value": "(617) 555-0167", "use": "mobile"}],
        period={"start": "2024-05-08" if number == 1 else "2025-04-15"},
    )


def person():
    return resource(
        "Person", "demo-caregiver", "2025-04-20T09:00:00Z", active=True, name=caregivers_name(), gender="female",
        birthDate="1971-03-22",
        link=[{"target": ref(f"RelatedPerson/demo-caregiver-{n}"), "assurance": "level3"} for n in (1, 2)],
    )


def goal():
    return resource(
        "Goal", "demo-goal-a1c", "2026-01-14T10:00:00Z", lifecycleStatus="active",
        achievementStatus=concept(HL7 + "goal-achievement", "in-progress", "In Progress"),
        description={"text": "Keep haemoglobin A1c below 7 %"}, subject=ref(HANK), startDate="2026-01-14",
        target=[{"measure": concept(LOINC, "4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood"),
                 "detailQuantity": quantity(7, "%") | {"comparator": "<"}, "dueDate": "2027-01-14"}],
        expressedBy=ref(CLINICIAN),
    )


def weight_goal():
    return resource(
        "Goal", "demo-goal-weight", "2026-01-14T10:05:00Z", lifecycleStatus="active",
        description={"text": "Lose five kilograms by walking every day"}, subject=ref(HANK), startDate="2026-01-14",
        target=[{"measure": concept(LOINC, "29463-7", "Body weight"), "dueDate": "2026-12-31"}], expressedBy=ref(HANK),
    )


def care_plan():
    return resource(
        "CarePlan", "demo-careplan-diabetes", "2026-01-14T10:10:00Z", status="active", intent="plan",
        text={"status": "additional", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Diabetes care: A1c every three '
              "months, a walk every day, eyes and feet checked once a year.</div>"},
        category=[concept("http://hl7.org/fhir/us/core/CodeSystem/careplan-category", "assess-plan", "Assessment and Plan of Treatment")],
        title="Type 2 diabetes care", subject=ref(HANK), period={"start": "2026-01-14"}, author=ref(CLINICIAN),
        careTeam=[ref("CareTeam/demo-careteam")], goal=[ref("Goal/demo-goal-a1c"), ref("Goal/demo-goal-weight")],
        activity=[{"detail": {"kind": "ServiceRequest", "code": concept(LOINC, "4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood"),
                              "status": "scheduled", "description": "Haemoglobin A1c every three months"}},
                  {"detail": {"status": "in-progress", "description": "Walk for thirty minutes every day"}}],
    )


def care_team():
    return resource(
        "CareTeam", "demo-careteam", "2026-01-14T09:50:00Z", status="active", name="Diabetes team of Hank Carter",
        subject=ref(HANK), period={"start": "2026-01-14"}, managingOrganization=[ref(HOSPITAL)],
        participant=[{"role": [concept(SNOMED, "309343006", "Physician")], "member": ref(CLINICIAN, "Dr. Amara Okafor")},
                     {"role": [concept(SNOMED, "224535009", "Registered nurse")], "member": ref("Practitioner/demo-nurse", "Petra Lindqvist")},
                     {"role": [concept(SNOMED, "116154003", "Patient")], "member": ref(HANK)}],
    )


def device():
    return resource(
        "Device", "demo-glucose-meter", "2026-02-02T12:00:00Z", status="active", patient=ref(HANK),
        type=concept(SNOMED, "337414009", "Blood glucose meter"), manufacturer="Example Devices",
        deviceName=[{"name": "Example Meter 3", "type": "user-friendly-name"}], serialNumber="EM3-000417",
    )


def device_use():
    return resource(
        "DeviceUseStatement", "demo-glucose-meter-use", "2026-02-02T12:05:00Z", status="active", subject=ref(HANK),
        timingPeriod={"start": "2026-02-02"}, device=ref("Device/demo-glucose-meter"), source=ref(HANK),
    )


def medication():
    return resource(
        "Medication", "demo-metformin", "2026-01-14T10:00:00Z", status="active",
        code=concept("http://www.nlm.nih.gov/research/umls/rxnorm", "6809", "Metformin"),
    )


def medication_request():
    return resource(
        "MedicationRequest", "demo-metformin-request", "2026-01-14T10:15:00Z", status="active", intent="order",
        medicationReference=ref("Medication/demo-metformin", "Metformin"), subject=ref(HANK), requester=ref(CLINICIAN),
        authoredOn="2026-01-14T10:15:00Z", dosageInstruction=[{"text": "500 mg twice a day with meals"}],
    )


def provenance():
    return resource(
        "Provenance", "demo-provenance", "2026-01-14T10:20:00Z", recorded="2026-01-14T10:20:00Z",
        target=[ref(HANK), ref("CarePlan/demo-careplan-diabetes"), ref("MedicationRequest/demo-metformin-request")],
        activity=concept(HL7 + "v3-DataOperation", "CREATE", "create"),
        agent=[{"type": concept(HL7 + "provenance-participant-type", "author", "Author"), "who": ref(CLINICIAN), "onBehalfOf": ref(HOSPITAL)}],
    )


def appointment(ident, patient, status, start, end, text):
    return resource(
        "Appointment", ident, "2026-10-20T15:00:00Z", status=status, description=text, start=start, end=end,
        appointmentType=concept(HL7 + "v2-0276", "FOLLOWUP", "A follow up visit from a previous appointment"),
        participant=[{"actor": ref(patient), "status": "accepted"}, {"actor": ref(CLINICIAN), "status": "accepted"}],
    )


def appointments():
    return [
        appointment("demo-appointment-hank", HANK, "booked", "2027-01-13T10:00:00Z", "2027-01-13T10:30:00Z", "Diabetes review"),
        appointment("demo-appointment-thomas", "Patient/thomas-jackson", "booked", "2027-02-04T09:00:00Z", "2027-02-04T09:20:00Z", "Well-child visit"),
        appointment("demo-appointment-bonnie", "Patient/bonnie-jackson", "booked", "2027-02-04T09:20:00Z", "2027-02-04T09:40:00Z", "Well-child visit"),
    ]


def group():
    members = ("hank-carter", "leonard-mason", "melissa-smith")
    return resource(
        "Group", "demo-diabetes", "2026-03-01T08:00:00Z", active=True, type="person", actual=True,
        name="People with type 2 diabetes", quantity=len(members), member=[{"entity": ref(f"Patient/{m}")} for m in members],
    )


def task():
    return resource(
        "Task", "demo-task-eyes", "2026-10-21T08:00:00Z", status="requested", intent="order", priority="routine",
        description="Arrange the yearly eye examination", **{"for": ref(HANK)}, authoredOn="2026-10-21T08:00:00Z",
        requester=ref(CLINICIAN), owner=ref("Practitioner/demo-nurse"),
    )


def questionnaire():
    return resource(
        "Questionnaire", "demo-feeling", "2026-01-10T08:00:00Z", url="http://hospital.example.org/fhir/Questionnaire/feeling",
        status="active", title="How do you feel this week?", subjectType=["Patient"],
        item=[{"linkId": "energy", "text": "How much energy did you have, from 0 to 10?", "type": "integer"},
              {"linkId": "note", "text": "Is there anything to tell your doctor?", "type": "string"}],
    )


def questionnaire_response():
    return resource(
        "QuestionnaireResponse", "demo-feeling-hank", "2026-10-18T19:00:00Z", status="completed",
        questionnaire="http://hospital.example.org/fhir/Questionnaire/feeling", subject=ref(HANK), author=ref(HANK),
        authored="2026-10-18T19:00:00Z",
        item=[{"linkId": "energy", "answer": [{"valueInteger": 7}]},
              {"linkId": "note", "answer": [{"valueString": "The morning walk helps."}]}],
    )
