## The demo EHR

ehr-front-title = Where do you want to go?
ehr-front-lede = A small record system and a sample app, both using this Fireward to sign people in.
ehr-front-clinician = I look after patients
ehr-front-clinician-what = Sign in as a clinician, open a patient’s chart and start an app from it.
ehr-front-open = Open the record system
ehr-front-app = { $app }, by itself
ehr-front-app-open = Open { $app }
ehr-synthetic = All people and records here are made up. Not for care.
ehr-signed-out = You are signed out.

ehr-signed-in-as = Signed in as
ehr-sign-out = Sign out
ehr-patient = Patient
ehr-record-number = Record

ehr-patients = Patients
ehr-patients-count = { $count ->
    [one] { $count } patient
   *[other] { $count } patients
}
ehr-find = Find a patient
ehr-find-hint = Name, birth date such as 1979-03-04, or record number. All words must fit.
ehr-search = Search
ehr-nobody = There are no patients yet.
ehr-not-found = Nobody matches “{ $query }”.
ehr-show-all = Show all patients
ehr-pages = Pages
ehr-previous = Previous
ehr-next = Next

ehr-back-to-patients = All patients
ehr-back-to-chart = Back to the chart
ehr-apps = Apps
ehr-no-apps = No apps are set up.
ehr-open-tab = Open in a tab
ehr-open-here = Open here
ehr-frame-elsewhere = If { $app } went on in a window of its own:
ehr-frame-again = Open it here again
ehr-launch-options = What the app is told
ehr-launch-visit = Visit
ehr-launch-no-visit = No visit
ehr-launch-intent = Show first
ehr-launch-no-intent = What the app likes
ehr-launch-look = Look
ehr-launch-no-look = The usual one
ehr-launch-banner = Patient’s name
ehr-launch-banner-fitting = Where it is missing, the app shows it
ehr-launch-banner-app = The app shows it
ehr-launch-banner-ehr = The record system shows it

ehr-tasks = To do
ehr-task-launch = Open { $app }
ehr-task-unfit = The app cannot be opened.
ehr-task-no-app = The task does not say which app.
ehr-task-several-apps = The task names more than one app.
ehr-task-unknown-app = No app here has the address that it names.
ehr-task-wrong-code = Its code is not one that opens an app.
ehr-task-other-patient = It is not for this patient.
ehr-task-over = It is done or was called off.
ehr-task-unreadable = Something in it cannot be read.

ehr-vitals = Vital signs
ehr-labs = Lab results
ehr-problems = Problems
ehr-medicines = Medicines
ehr-allergies = Allergies
ehr-visits = Visits
ehr-earlier-visits = { $count ->
    [one] { $count } earlier visit
   *[other] { $count } earlier visits
}
ehr-measure = Measured
ehr-value = Latest
ehr-range = Usual range
ehr-date = When
ehr-trend = Trend
ehr-high = High
ehr-low = Low
ehr-grave = High risk
ehr-past = Past
ehr-now = Now
ehr-since = since { $date }
ehr-none-recorded = Nothing recorded.
ehr-refused = You are not allowed to see this part.
ehr-failed = This part could not be read. Reload the page to try again.
