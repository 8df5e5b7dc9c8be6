# English. Plain words, second person, present tense, for a reader of twelve.
# Every other catalogue has the same keys and the same arguments; a test compares them.

## Every page
page-skip = Skip to the main part
page-help = Need help?
page-runs-on = Runs on Fireward
page-problem = Problem:
page-problem-title = There is a problem
page-previous = Previous
page-next = Next
pages-label = Pages
details = Details
signed-in-as = Signed in as { $name }
not-you = Not you?
sign-out = Sign out
new-tab = (opens in a new tab)
sign-in-again = Sign in again
back-to = Go back to { $name }
cancel-to = Cancel and go back to { $app }

## Dates and ages
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
date-day = { $day } { $month } { $year }
date-month = { $month } { $year }
date-year = { $year }
age-months = { $count ->
    [one] { $count } month old
   *[other] { $count } months old
}
age-years = { $count ->
    [one] { $count } year old
   *[other] { $count } years old
}
ago-now = just now
ago-minutes = { $count ->
    [one] { $count } minute ago
   *[other] { $count } minutes ago
}
ago-hours = { $count ->
    [one] { $count } hour ago
   *[other] { $count } hours ago
}
ago-days = { $count ->
    [one] yesterday
   *[other] { $count } days ago
}
wait-seconds = { $count ->
    [one] { $count } second
   *[other] { $count } seconds
}
wait-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
wait-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
sex-female = Female
sex-male = Male
sex-other = Other sex
sex-unknown = Sex not recorded
person-born = born { $date }
person-born-on = Born { $date }
person-deceased = has died

## Sign-in
login-title = Sign in to { $organisation }
login-for-app-title = Sign in to continue to { $app }
login-again-title = Is it still you, { $name }?
login-other-user = { $name } is signed in here, but this is for somebody else. Sign in with your own user name to go on.
login-username = User name
login-password = Password
login-show = Show
login-show-what = password
login-sign-in = Sign in
login-wrong = That user name and password do not belong together. Check both and try again.
login-missing-username = Enter your user name
login-missing-password = Enter your password
login-throttled-title = Too many tries
login-throttled-line = Wait { $wait }, then try again. This keeps others from guessing your password.
login-stale = This page was open for a long time. Nothing was sent. Please sign in now.
login-promise = We never ask for your password by e-mail or telephone.
login-promise-app = You sign in with { $organisation }. The app never sees your password.
continue-title = Continue as { $name }?
continue-to = { $app } asked who you are.
continue-as = Continue as { $name }
continue-other = Use another account

## Choosing a record
patient-title = Whose record should { $app } open?
patient-lede = The app will see this person’s record and no other.
patient-search = Find a patient
patient-search-hint = By name, birth date such as 1979-03-04, or record number
patient-search-go = Search
patient-group-you = You
patient-group-act-for = People you act for
patient-group-recent = Opened lately
patient-group-found = Found for “{ $query }”
patient-group-everybody = Patients
patient-none = There is no record here that you may open.
patient-none-line = Your account is not linked to a health record. Use another account, or ask { $organisation } to link yours.
patient-not-found = Nobody found for “{ $query }”
patient-not-found-hint = Try fewer letters, only the family name, or the birth date.
patient-role = You are:
role-name = { $role ->
    [mother] mother
    [father] father
    [parent] parent
    [grandmother] grandmother
    [grandfather] grandfather
    [grandparent] grandparent
    [guardian] guardian
    [daughter] daughter
    [son] son
    [child] child
    [spouse] husband or wife
    [wife] wife
    [husband] husband
    [partner] partner
    [sister] sister
    [brother] brother
    [sibling] sister or brother
    [carer] carer
    [caregiver] carer
    [proxy] representative
   *[other] { $role }
}
patient-number = Record { $number }
patient-choose = Open this record
patient-missing = Choose a person
encounter-title = Which visit of { $name }?
encounter-lede = { $app } works within one visit.
encounter-now = still going on
encounter-none = No visit is recorded for this person.
encounter-choose = Open this visit
encounter-without = Go on without a visit
context-title = What should { $app } open?
context-lede = { $app } asks for one of these: { $what }
context-lede-of = { $app } asks for one of these of { $name }: { $what }
context-role = The app calls it:
context-none = Nothing of this kind is recorded.
context-none-line = You can go on without. { $app } then knows that there is none, and may show less.
context-choose = Open this one
context-without = Go on without one
context-missing = Choose one
picker-down = The health record does not answer
picker-down-line = Nothing is lost. Try again in a moment.
picker-retry = Try again

## Consent
consent-title-see-yours = Let { $app } see your health record?
consent-title-see-change-yours = Let { $app } see and change your health record?
consent-title-change-yours = Let { $app } change your health record?
consent-title-see-theirs = Let { $app } see the health record of { $name }?
consent-title-see-change-theirs = Let { $app } see and change the health record of { $name }?
consent-title-change-theirs = Let { $app } change the health record of { $name }?
consent-title-see-all = Let { $app } see the records that you can open?
consent-title-see-change-all = Let { $app } see and change the records that you can open?
consent-title-change-all = Let { $app } change the records that you can open?
consent-title-identity = Let { $app } know who you are?
consent-by = By { $publisher }
consent-opened-from = Opened from { $ehr }
consent-review-own = An app of { $organisation }
consent-review-done = Reviewed by { $organisation }
consent-review-none = Not reviewed by { $organisation }
consent-your-record = Your record
consent-record-of = The record of
consent-change-record = Choose another
consent-section-see-yours = It will see, in your record
consent-section-see-theirs = It will see, in the record of { $name }
consent-section-see-all = It will see, in every record that you can open
consent-section-change-yours = It will change your record
consent-section-change-theirs = It will change the record of { $name }
consent-section-change-all = It will change any record that you can open
consent-change-warning = What it adds or changes stays, and other people will rely on it.
consent-section-others = It will know
consent-sensitive = Sensitive
consent-needed = The app says it needs this
consent-nothing = Nothing is switched on. Switch on what the app may have, or choose “Don’t allow”.
consent-until = For how long?
consent-until-visit = For this visit
consent-until-30-days = For 30 days
consent-until-year = For a year
consent-until-stopped = Until I stop it
consent-offline = Even when you are not using the app
consent-offline-line = { $app } can come back by itself, until the time above is over.
consent-effect = “Allow” gives { $app } what is switched on above, and nothing else.
consent-undo = You can take it back any time in
consent-allow = Allow
consent-deny = Don’t allow
consent-returns-to = Either way you go back to { $host }
consent-policy = Privacy policy of { $app }
consent-terms = Terms of { $app }

## Kinds of record: a heading and a line each
records-everything = Everything in the record
records-everything-line = Every kind of record there is now, and every kind added later
records-about-you = About the person
records-about-yourself = About you
records-conditions = Conditions
records-medicines = Medicines
records-allergies = Allergies
records-labs-and-vitals = Lab results and vital signs
records-visits = Visits
records-documents = Documents
records-other = Other parts of the record

# $kind is a category that we know, $resource a FHIR R4 type; what is not named here is called by its type.
record-name = { $kind ->
    [problem-list-item] Ongoing problems
    [encounter-diagnosis] Diagnoses made at visits
    [health-concern] Health concerns
    [laboratory] Laboratory results
    [vital-signs] Vital signs such as blood pressure and weight
    [social-history] Life and habits such as smoking, alcohol and work
    [imaging] Scans and images
    [survey] Answers to questionnaires
    [exam] Findings of examinations
    [procedure] Results of procedures
    [clinical-note] Notes of clinicians
    [record-location] Where else there are records
   *[none] { $resource ->
        [all] Everything in the record
        [Account] Billing accounts
        [AdverseEvent] Harmful events
        [AllergyIntolerance] Allergies and reactions
        [Appointment] Appointments
        [AppointmentResponse] Answers to appointments
        [AuditEvent] Who has looked at the record
        [Binary] Attached files
        [BodyStructure] Parts of the body
        [CarePlan] Care plans
        [CareTeam] Care team
        [Claim] Insurance claims
        [ClaimResponse] Answers to insurance claims
        [ClinicalImpression] Clinicians’ assessments
        [Communication] Messages
        [CommunicationRequest] Requests for messages
        [Composition] Composed documents
        [Condition] Health problems and diagnoses
        [Consent] Consents given
        [Coverage] Insurance cover
        [DetectedIssue] Warnings such as drug interactions
        [Device] Medical devices
        [DeviceRequest] Devices ordered
        [DeviceUseStatement] Devices in use
        [DiagnosticReport] Test reports
        [DocumentManifest] Sets of documents
        [DocumentReference] Documents and notes
        [Encounter] Visits and hospital stays
        [EpisodeOfCare] Periods of care
        [ExplanationOfBenefit] Insurance payments
        [FamilyMemberHistory] Family history
        [Flag] Alerts
        [Goal] Goals
        [Group] Groups of people
        [HealthcareService] Services offered
        [ImagingStudy] Scans and images
        [Immunization] Vaccinations
        [ImmunizationRecommendation] Vaccinations due
        [List] Lists
        [Location] Places of care
        [Media] Photos and recordings
        [Medication] Medicines in detail
        [MedicationAdministration] Medicines given
        [MedicationDispense] Medicines handed out
        [MedicationRequest] Prescriptions
        [MedicationStatement] Medicines taken
        [NutritionOrder] Diets ordered
        [Observation] Measurements and results
        [Organization] Hospitals and clinics
        [Patient] Name, birth date and contact details
        [Person] Linked identities
        [Practitioner] Clinicians
        [PractitionerRole] Clinicians’ roles
        [Procedure] Operations and procedures
        [Provenance] Where entries come from
        [Questionnaire] Questionnaires
        [QuestionnaireResponse] Answered questionnaires
        [RelatedPerson] Family and carers
        [RequestGroup] Groups of orders
        [ResearchSubject] Part in research
        [RiskAssessment] Risk assessments
        [Schedule] Schedules
        [ServiceRequest] Tests and referrals ordered
        [Slot] Free appointment times
        [Specimen] Samples
        [SupplyRequest] Supplies ordered
        [Task] Tasks
        [VisionPrescription] Glasses and lenses
       *[other] Records of type { $resource }
    }
}
record-name-filtered = { $name }, only those with { $filter }

# What of adding (c), changing (u) and deleting (d) is asked, and no more.
record-writes = { $writes ->
    [cu] Add or change
    [cd] Add or delete
    [ud] Change or delete
    [c] Add
    [u] Change
    [d] Delete
   *[cud] Add, change or delete
}
record-see-and-writes = { $writes ->
    [cu] See, add or change
    [cd] See, add or delete
    [ud] See, change or delete
    [c] See and add
    [u] See and change
    [d] See and delete
   *[cud] See, add, change or delete
}

# One sentence for each scope: see, add, change; $level is whose records.
scope-see = { $level ->
    [patient] See: { $name }
    [user] See in every record that you can open: { $name }
   *[system] See without anybody signed in: { $name }
}
scope-add = { $level ->
    [patient] Add: { $name }
    [user] Add to any record that you can open: { $name }
   *[system] Add without anybody signed in: { $name }
}
scope-change = { $level ->
    [patient] { record-writes }: { $name }
    [user] { record-writes } in any record that you can open: { $name }
   *[system] { record-writes } without anybody signed in: { $name }
}
scope-see-and-add = { $level ->
    [patient] See and add: { $name }
    [user] See, and add to, any record that you can open: { $name }
   *[system] See and add without anybody signed in: { $name }
}
scope-see-and-change = { $level ->
    [patient] { record-see-and-writes }: { $name }
    [user] { record-see-and-writes } in any record that you can open: { $name }
   *[system] { record-see-and-writes } without anybody signed in: { $name }
}
scope-openid = That it is you, each time you come back
scope-fhir-user = Who you are in the health record
scope-profile = Your name and other details of your profile
scope-email = Your e-mail address
scope-address = Your postal address
scope-phone = Your telephone number
scope-offline-access = Even when you are not using the app
scope-online-access = As long as you are signed in
scope-launch = What is open in the health record system right now
scope-launch-context = { $type ->
    [patient] Whose record is open
    [encounter] Which visit is open
    [practitioner] Which clinician is at work
    [location] Which place of care is open
    [organization] Which organisation is open
   *[other] Which one is open of: { $name }
}
scope-extension = A right of its own: { $name }
scope-own-state = { $level ->
    [patient] Its own settings for this record, on every device
   *[user] Its own settings for you, on every device
}

## Account
account-title = Your account
account-apps = { $count ->
    [0] No app is connected
    [one] { $count } app is connected
   *[other] { $count } apps are connected
}
account-sessions = { $count ->
    [one] You are signed in on { $count } device
   *[other] You are signed in on { $count } devices
}
account-password = If somebody may know the one you have
account-looks = Each time an app or a person opened a record of yours
apps-looks = What have they looked at?
looks-tab = Who looked
looks-title = Who looked at the record
looks-lede = Each time a person or an app opened, searched or changed this record, and what was refused. Exports of many records at once are not in this list.
looks-whose = Whose record
looks-your-own = Your own record
looks-record = Record { $number }
looks-span = How far back
looks-span-7 = The last 7 days
looks-span-30 = The last 30 days
looks-span-365 = The last year
looks-span-all = From the beginning
looks-show = Show
looks-you = You
looks-alone = No person: an app by itself
looks-person = Somebody known here as { $id }
looks-nobody = Somebody who did not show who they are
looks-with = with the app { $app }
looks-saw = Looked at
looks-changed = Changed
looks-refused = Tried, and was refused
looks-when = When
looks-minute = { $count ->
    [one] { $first } UTC
   *[other] { $count } times, { $first } UTC
}
looks-times = { $count ->
    [one] { $first } UTC
   *[other] { $count } times, { $first } to { $last } UTC
}
looks-from = From
looks-none = Nobody looked
looks-none-line = In this time nobody opened, searched or changed this record here.
looks-no-record = There is no record of yours here
looks-no-record-line = This page shows who looked at your own record, or at one of somebody you care for.
looks-down = The list cannot be shown now
looks-down-line = The server that keeps the record does not answer. Nothing is lost: try again in a minute.
looks-own = This server looks names up itself, for pages such as this one. Those are left out here.
looks-own-show = Show them
looks-own-hide = Leave them out
looks-earlier = Earlier
looks-csv = As a table for other programs (CSV)
looks-print = To print the list, use your browser: the menus are left out on paper.
apps-title = Connected apps
apps-lede = These apps can reach a health record because you allowed it.
apps-lost = Has a telephone or computer gone missing?
apps-none = No connected apps
apps-none-line = When you allow an app to see a record, you find it here and can stop it here.
apps-whose = Record of
apps-sees = Can see
apps-changes = Can change
apps-identity = Who you are, no health record
apps-since = Allowed
apps-used = Last used
apps-never = not yet
apps-until = Ends
apps-until-stopped = when you stop it
apps-offline = also when you are not using it
apps-disconnect = Disconnect
disconnect-title = Disconnect { $app }?
disconnect-what = This stops { $app } from reaching the record.
disconnect-kept = What { $app } has copied already stays with it. Ask its maker to delete that.
disconnect-keep = Keep it connected
effect-now = This takes effect at once.
effect-within = { $what ->
    [app] It loses all access within { $wait }.
    [session] Apps that were opened there lose access within { $wait }.
   *[all] All apps lose access within { $wait }.
}
devices-tab = Devices
devices-title = I lost a device
devices-lede = End the sign-in on a device that you no longer have, or everywhere at once.
devices-end-all = Sign out everywhere and stop every app
devices-sessions = Where you are signed in
devices-this = This device
devices-seen = last seen
devices-began = Signed in on
devices-end = Sign out there
device-browser-on = { $browser } on { $system }
device-one = { $name }
device-unknown = A device that we cannot name
end-all-title = Sign out everywhere and stop every app?
end-all-sessions = { $count ->
    [one] This signs you out on { $count } device, which is this one.
   *[other] This signs you out on { $count } devices, this one included.
}
end-all-apps = { $count ->
    [0] No app is connected, so none has to be stopped.
    [one] It disconnects { $count } app.
   *[other] It disconnects { $count } apps.
}
end-all-after = Afterwards sign in again and choose a new password if somebody may know the old one.
end-all-go = Sign out everywhere
end-all-keep = Change nothing
receipt-app-title = { $app } is disconnected
receipt-session-title = That device is signed out
receipt-all-title = You are signed out everywhere
receipt-app-line = It gets no new access to the record.
receipt-session-line = Whoever holds it has to sign in with your password.
receipt-all-sessions = { $count ->
    [one] { $count } device is signed out.
   *[other] { $count } devices are signed out.
}
receipt-all-apps = { $count ->
    [0] No app was connected.
    [one] { $count } app is disconnected.
   *[other] { $count } apps are disconnected.
}
receipt-password-title = Your password is changed
receipt-password-sessions = { $count ->
    [0] You stay signed in here. You were not signed in elsewhere.
    [one] You stay signed in here. { $count } other device is signed out.
   *[other] You stay signed in here. { $count } other devices are signed out.
}
receipt-back = Back to connected apps

## A new password
password-title = Choose a new password
password-effect = You stay signed in here. Every other device is signed out and every app is disconnected.
password-current = Current password
password-new = New password
password-again = New password once more
password-expected = { $count } characters or more. A few words in a row are good. Not your user name, and nothing that many people use.
password-go = Change password
password-current-missing = Enter your current password
password-current-wrong = That is not your current password
password-short = The new password needs { $count } characters or more
password-long = The new password is too long
password-user-name = The new password is your user name. Choose another
password-common = Many people use this password. Choose one that is harder to guess
password-same = That is the password you have now. Choose another
password-unequal = The two new passwords are not the same

## Signing out
logout-title = Sign out of { $organisation }?
logout-asked = { $app } asks to sign you out.
logout-line = Apps that may see your record only while you are signed in lose access. Other apps stay connected.
logout-stay = Stay signed in
logged-out-title = You are signed out
logged-out-line = If others use this device too, close the window.

## When it does not go on
turn-you = What you can do
turn-app = What the maker of the app has to do
turn-app-named = What the makers of { $app } have to do
turn-us = What { $organisation } has to do
trouble-reference = If you ask for help, quote this
trouble-request = Request
trouble-code = Error
trouble-parameter = Parameter
trouble-detail = For developers
trouble-wait = Wait { $wait }.
trouble-onward = Go on
trouble-explained = What exactly was wrong
trouble-unknown-app-title = We do not know this app
trouble-unknown-app-what = An app sent you here, but it is not registered with us. Nothing was shared.
trouble-unknown-app-next = The app has to be registered here first. You can close this page.
trouble-unknown-return-address-title = We cannot send you back safely
trouble-unknown-return-address-what = The app asked us to send you to an address that it has not registered. Nothing was shared.
trouble-unknown-return-address-next = The address has to be registered, exactly as it is sent. You can close this page.
trouble-faulty-request-title = The app asked in a way we do not understand
trouble-faulty-request-what = Its request is incomplete or contradicts itself. Nothing was shared.
trouble-faulty-request-next = The request has to be mended. You can close this page.
trouble-not-allowed-title = This app may not ask for that
trouble-not-allowed-what = It asked for something that it has no right to ask for here. Nothing was shared.
trouble-not-allowed-next = The app’s registration or its request has to change. You can close this page.
trouble-expired-title = This took too long
trouble-expired-what = For your safety a request is only good for a few minutes. Nothing was shared.
trouble-expired-next = Go back to the app and start again from there.
trouble-foreign-form-title = This page is out of date
trouble-foreign-form-what = The form you sent belongs to another sign-in or an older page. Nothing was done.
trouble-foreign-form-next = Go back to where you came from and start again there.
trouble-no-cookies-title = Your browser keeps no cookies for us
trouble-no-cookies-what = Without a cookie we cannot tell that it is still you on the next page.
trouble-no-cookies-next = Allow cookies for this site, or open the app in a window of its own, and start again.
trouble-launch-unusable-title = This launch cannot be used any more
trouble-launch-unusable-what = The health record system started the app, but that start was used before or is too old.
trouble-launch-unusable-next = Start the app again from the patient’s chart.
trouble-no-record-title = There is no record to share
trouble-no-record-what = The record that the app asks for is not here, or your account is not linked to it.
trouble-no-record-next = Go back to the app and start again with another record, or ask us to link your account to it.
trouble-not-yours-title = You may not do this
trouble-not-yours-what = Your account does not have the right to open this.
trouble-not-yours-next = Sign in as somebody who may, or ask us for help.
trouble-too-many-title = Too many requests
trouble-too-many-what = So many requests came that we have to slow down.
trouble-too-many-next = Wait a little, then try again.
trouble-not-found-title = There is nothing here
trouble-not-found-what = The address may be mistyped, or the page may have moved.
trouble-not-found-next = Check the address, or go back to where you came from.
trouble-wrong-method-title = This page cannot be opened like this
trouble-wrong-method-what = The address is right, but it answers to another kind of request.
trouble-wrong-method-next = Go back to where you came from and start again there.
trouble-too-large-title = That was too much at once
trouble-too-large-what = What was sent is larger than this page takes.
trouble-too-large-next = Send less, or ask the makers of the app.
trouble-elsewhere-down-title = We cannot reach the health records right now
trouble-elsewhere-down-what = The server that keeps them does not answer. Nothing was lost.
trouble-elsewhere-down-next = We are told of this by itself. Please try again in a few minutes.
trouble-our-fault-title = Something broke on our side
trouble-our-fault-what = It is not your fault, and nothing was shared.
trouble-our-fault-next = We are told of this by itself. Please try again in a few minutes.
leaving-title = You are about to leave { $organisation }
leaving-what = An app that calls itself “{ $app }” sent a request that we cannot answer. Nothing was shared.
leaving-host = The link below leads to:
leaving-line = { $organisation } does not know this app. Go on only if you know where this leads.
leaving-go = Go there
post-title = Back to { $app }
post-line = If nothing happens, go on by yourself.
post-go = Continue
window-title = Continue in a new window
window-line = For your safety this page is never shown inside another one.
window-line-app = { $app } is opened inside another page. For your safety you sign in and decide in a window of its own.
window-go = Continue in a new window

## Errors explained to developers
explained-title = What “{ $code }” means
explained-happened = What happened in this request
explained-sent = Sent
explained-nothing = Nothing
explained-expected = Expected
explained-scopes = Scopes that cannot be granted
explained-client = Client
explained-when = When
explained-forgotten = Nothing is kept of this request any more
explained-forgotten-line = What happened in a request can be read here for an hour. Try again, and follow the new link.
explained-privacy = This page is for the app’s developer. It shows nothing of a patient or of who signed in.
error-invalid_request = A parameter is missing, is there twice, or has a value that it cannot have. Mend the request; sending it again will not help.
error-invalid_client = The app could not prove who it is: it is unknown or disabled, used another method than it registered, or its secret or signature is wrong.
error-invalid_grant = The code or refresh token does not count: it was used before, has expired, was taken back, or belongs to another app or request. Start again at the authorization endpoint.
error-unauthorized_client = The app is known, but it is not registered for this way of asking. Its registration has to change.
error-unsupported_grant_type = The token endpoint does not know this grant type.
error-unsupported_response_type = The authorization endpoint answers with a code, and with nothing else.
error-invalid_scope = Nothing of what was asked can be granted, or more was asked than the grant has. Below each scope stands the reason; compare with the app’s registration and with scopes_supported.
error-access_denied = The person said no, or may not grant this. Asking again right away will not change that; let them start anew.
error-server_error = Something broke on our side. Try again later; if it goes on, quote the request.
error-temporarily_unavailable = There is too much to do right now. Wait as long as Retry-After says, then try again.
error-invalid_target = The FHIR server that was named is not one of this issuer, or several would do and none was named.
error-unsupported_token_type = Tokens of this kind cannot be revoked.
error-invalid_token = The access token has expired, was revoked, or is not of this issuer. Refresh it, or start again.
error-insufficient_scope = The access token is good, but it lacks a scope that this needs.
error-login_required = The request said prompt=none, and nobody is signed in as it asks. Ask again without it, so that the person can sign in.
error-consent_required = The request said prompt=none, and the person has not allowed this before. Ask again without it.
error-interaction_required = The request said prompt=none, and the person has to choose a record. Ask again without it.
error-request_not_supported = A request object was sent, and the app has registered no keys to verify it with: register jwks_uri or jwks, or send the parameters themselves.
error-invalid_request_uri = The request that was referred to has expired, was used, or was never pushed here. Push it again.
error-invalid_request_object = The request object is not signed by the app’s registered key, has expired, or is not for this server.
error-request_uri_not_supported = Request objects by reference are not supported: send the parameters themselves.
error-registration_not_supported = An app cannot register itself within a request.
error-unmet_authentication_requirements = Nobody here can sign in in the way that was asked for.
reason-unknown = No such scope exists here.
reason-registration = The app is not registered for it. Add it to the app’s registration.
reason-grant-type = The app is not registered for the grant type refresh_token, which it needs. Add that to the app’s registration.
reason-server = The FHIR server does not offer it.
reason-flow = It means nothing in this kind of launch: “launch” needs a launch from an EHR, and only what can be chosen here can be asked without one.
reason-nothing = Nothing of that kind is kept here.
reason-turned-off = This server has turned off a capability that it needs. The SMART configuration lists those that are on.
reason-context = It counts only for something particular, such as a patient or a visit, and the app was opened without one: the record system named none, and none was chosen here.
reason-account = The account that signed in has no FHIR resource of its own.
reason-policy = A rule of this server does not allow it.
reason-person = The person did not allow it.
reason-visit = The person allowed the app for this visit only, so nothing lasts beyond it.
cause-code-used = This code was redeemed before. A code counts once; because somebody else may have seen it, all that came of it has ended.
cause-code-late = This code was redeemed too late. Redeem a code at once: it counts for about a minute.
cause-refresh-used = This refresh token had been replaced by a newer one. Keep the newest that you were given; because an old one may have been copied, the grant has ended.
cause-withdrawn = The person disconnected the app or signed out everywhere.
cause-revoked = The app gave a token of this grant back.
cause-replayed = A code or refresh token of this grant was used twice, so the grant has ended.
cause-session-over = The session has ended that this was bound to: the person signed out, or was away for too long. offline_access outlives sessions, online_access does not.
cause-run-out = The time is over for which this was granted: the end that the person chose, or the longest that this server allows.
cause-rights-withdrawn = The person may not grant this any more.
cause-not-refreshable = Nothing is left that allows refreshing: the app is no longer registered for it, or this server has turned it off.
cause-turned-off = This server has turned off the capability { $capability }.
refresh-offline = A refresh token came. It goes on working when the person is away, until the grant ends.
refresh-online = A refresh token came. It works while the person stays signed in, and no longer.
refresh-not-asked = No refresh token came, because neither offline_access nor online_access was asked.
refresh-dropped = No refresh token came, because what was asked for it was not granted.

## The start page of the server
home-title = Health record access at { $organisation }
home-lede = Apps ask here before they may see a health record. You decide which, for what, and for how long.
home-account = See your connected apps
home-developers = For developers
home-developers-line = An OAuth 2.0, OpenID Connect and SMART App Launch 2.2 authorization server.
home-issuer = Issuer
home-fhir = FHIR server
