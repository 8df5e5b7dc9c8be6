# What American English says otherwise; everything else comes from English.
date-day = { $month } { $day }, { $year }
patient-search-hint = By name, date of birth such as 1979-03-04, or record number
scope-launch-context = { $type ->
    [patient] Whose record is open
    [encounter] Which visit is open
    [practitioner] Which clinician is at work
    [location] Which place of care is open
    [organization] Which organization is open
   *[other] Which one is open of: { $name }
}
