//! The newest of each kind of measurement, out of many Observations.

use fireward_pages::{
    Date,
    ehr::{Flag, Measure},
};
use serde_json::Value;

use super::words::{code_at, concept_at, items, str_at};

/// One row a code, the well-known ones first, then those measured last. `observations` come newest first.
pub(super) fn newest(observations: &[Value], born: Option<Date>) -> Vec<Measure> {
    let mut rows: Vec<(String, Measure)> = Vec::new();
    for observation in observations {
        let Some(reading) = Reading::of(observation, born) else { continue };
        let key = code_at(observation, "code").unwrap_or(&reading.name).to_owned();
        match rows.iter_mut().find(|(known, row)| *known == key && row.unit == reading.unit) {
            Some((_, row)) => row.trend.extend(reading.first),
            None => rows.push((key, reading.row(observation))),
        }
    }
    rows.sort_by_key(|(code, _)| {
        FIRST.iter().position(|first| first == code).unwrap_or(FIRST.len())
    });
    rows.into_iter().map(|(_, row)| oldest_first(row)).collect()
}

/// What clinicians read first (LOINC): blood pressure, pulse, oxygen, breathing, temperature, weight, height, BMI.
const FIRST: [&str; 9] =
    ["85354-9", "8867-4", "59408-5", "2708-6", "9279-1", "8310-5", "29463-7", "8302-2", "39156-5"];

fn oldest_first(mut row: Measure) -> Measure {
    row.trend.truncate(TREND);
    row.trend.reverse();
    row
}

/// So many values are drawn.
const TREND: usize = 40;

/// What one observation says.
struct Reading {
    name: String,
    value: String,
    unit: String,
    flag: Option<Flag>,
    range: Option<String>,
    /// Its number, or the first of several, for the small drawing.
    first: Option<f64>,
}

impl Reading {
    fn of(observation: &Value, born: Option<Date>) -> Option<Self> {
        if matches!(str_at(observation, "status"), Some("entered-in-error" | "cancelled")) {
            return None;
        }
        let name = shorten(&concept_at(observation, "code")?);
        let age = born.and_then(|born| born.days_until(taken(observation)?));
        if let Some(quantity) = observation.get("valueQuantity") {
            let number = quantity.get("value")?.as_f64()?;
            let (flag, range) = judge(observation, number, age);
            let value = show(number);
            return Some(Self {
                name,
                value,
                unit: unit(quantity),
                flag,
                range,
                first: Some(number),
            });
        }
        if let Some(text) = concept_at(observation, "valueCodeableConcept") {
            return Some(Self {
                name,
                value: text,
                unit: String::new(),
                flag: None,
                range: None,
                first: None,
            });
        }
        Self::of_parts(name, items(observation, "component"), age)
    }

    /// A panel, of which blood pressure is the one that people know.
    fn of_parts(name: String, parts: &[Value], age: Option<i64>) -> Option<Self> {
        let quantities: Vec<(&Value, &Value, f64)> = parts
            .iter()
            .filter_map(|part| {
                let quantity = part.get("valueQuantity")?;
                Some((part, quantity, quantity.get("value")?.as_f64()?))
            })
            .collect();
        let (_, quantity, first) = quantities.first()?;
        let values: Vec<String> = quantities.iter().map(|(_, _, number)| show(*number)).collect();
        let flag = quantities.iter().find_map(|(part, _, number)| judge(part, *number, age).0);
        Some(Self {
            name,
            value: values.join("/"),
            unit: unit(quantity),
            flag,
            range: None,
            first: Some(*first),
        })
    }

    fn row(self, observation: &Value) -> Measure {
        Measure {
            name: self.name,
            value: self.value,
            unit: self.unit,
            flag: self.flag,
            range: self.range,
            date: taken(observation),
            trend: self.first.into_iter().collect(),
        }
    }
}

fn taken(observation: &Value) -> Option<Date> {
    let period = || observation.get("effectivePeriod").and_then(|period| str_at(period, "start"));
    str_at(observation, "effectiveDateTime").or_else(period).and_then(Date::parse)
}

/// High or low, by what the laboratory said, else by the reference range; and that range in words. `age` is in days.
fn judge(source: &Value, number: f64, age: Option<i64>) -> (Option<Flag>, Option<String>) {
    let ranges = items(source, "referenceRange");
    let range = ranges.iter().find(|range| age.is_some_and(|age| is_for(range, age)));
    if range.is_none() && !ranges.is_empty() {
        // What was said by a range that is not theirs is as wrong as the range.
        return (None, None);
    }
    let bound = |side| range?.get(side)?.get("value")?.as_f64();
    let (low, high) = (bound("low"), bound("high"));
    let said = items(source, "interpretation").iter().flat_map(|concept| items(concept, "coding"));
    let said: Vec<&str> = said.filter_map(|coding| str_at(coding, "code")).collect();
    let flag = if said.iter().any(|code| matches!(*code, "H" | "HH" | "HU" | ">")) {
        Some(Flag::High)
    } else if said.iter().any(|code| matches!(*code, "L" | "LL" | "LU" | "<")) {
        Some(Flag::Low)
    } else if said.contains(&"N") {
        None
    } else if high.is_some_and(|high| number > high) {
        Some(Flag::High)
    } else {
        low.filter(|low| number < *low).map(|_| Flag::Low)
    };
    let range = match (low, high) {
        (Some(low), Some(high)) => Some(format!("{} – {}", show(low), show(high))),
        (Some(low), None) => Some(format!("≥ {}", show(low))),
        (None, Some(high)) => Some(format!("≤ {}", show(high))),
        (None, None) => None,
    };
    (flag, range)
}

/// Whether a reference range is for somebody so many days old. One that names no ages is for adults: a newborn's heart
/// beats faster than theirs and is well.
fn is_for(range: &Value, age: i64) -> bool {
    let Some(ages) = range.get("age") else { return age >= ADULT };
    let days = |side: &str| {
        let quantity = ages.get(side)?;
        let unit = str_at(quantity, "code").or_else(|| str_at(quantity, "unit"));
        let length = match unit.unwrap_or_default() {
            "a" => 365.25,
            "mo" => 30.4375,
            "wk" => 7.0,
            "d" => 1.0,
            _ => f64::NAN,
        };
        Some(quantity.get("value")?.as_f64()? * length)
    };
    let age = f64::from(i32::try_from(age).unwrap_or(i32::MAX));
    days("low").is_none_or(|low| age >= low) && days("high").is_none_or(|high| age <= high)
}

/// Eighteen years in days, with the fewest leap days.
const ADULT: i64 = 6_574;

/// At most two decimals, and none that say nothing.
fn show(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `Calcium [Mass/volume] in Serum or Plasma` is what LOINC says; people say calcium.
fn shorten(name: &str) -> String {
    let short = name.split(" [").next().unwrap_or(name);
    short.strip_suffix(" panel").unwrap_or(short).to_owned()
}

/// Units as people read them (UCUM, <https://ucum.org>).
fn unit(quantity: &Value) -> String {
    let unit = str_at(quantity, "unit").or_else(|| str_at(quantity, "code")).unwrap_or_default();
    match unit {
        "/min" => "/min".to_owned(),
        "Cel" => "°C".to_owned(),
        "kg/m2" => "kg/m²".to_owned(),
        "[pH]" | "1" => String::new(),
        other => plain(other),
    }
}

fn plain(unit: &str) -> String {
    let told =
        unit.replace("{1.73_m2}", "1.73 m²").replace("mm[Hg]", "mmHg").replace("10*3", "×10³");
    told.replace("uL", "µL").replace("{score}", "").replace(['{', '}', '[', ']'], "")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn heart(at: &str, value: f64) -> Value {
        json!({
            "status": "final", "effectiveDateTime": at,
            "code": { "coding": [{ "code": "8867-4" }], "text": "Heart rate" },
            "valueQuantity": { "value": value, "unit": "/min" },
            "referenceRange": [{ "low": { "value": 60 }, "high": { "value": 100 } }]
        })
    }

    #[test]
    fn the_newest_is_shown_and_the_rest_is_its_trend() {
        let rows = newest(
            &[heart("2026-03-01", 104.5), heart("2026-02-01", 80.0), heart("2026-01-01", 70.0)],
            ADULTS,
        );
        let [row] = rows.as_slice() else { panic!("one row") };
        assert_eq!((row.value.as_str(), row.unit.as_str()), ("104.5", "/min"));
        assert_eq!(row.flag, Some(Flag::High));
        assert_eq!(row.range.as_deref(), Some("60 – 100"));
        assert_eq!(row.trend, [70.0, 80.0, 104.5]);
        assert_eq!(row.date, Date::parse("2026-03-01"));
    }

    const ADULTS: Option<Date> = Some(Date { year: 1979, month: Some(3), day: Some(4) });

    #[test]
    fn a_newborn_is_not_judged_by_an_adults_range_nor_by_what_was_said_of_it() {
        let mut beat = heart("2026-03-05", 130.0);
        beat["interpretation"] = json!([{ "coding": [{ "code": "HH" }] }]);
        let judged = |born: &str, observation: &Value| {
            let row = newest(std::slice::from_ref(observation), Date::parse(born)).remove(0);
            (row.flag, row.range)
        };
        let high = (Some(Flag::High), Some("60 – 100".to_owned()));
        for (born, expected) in [
            ("2026-03-01", (None, None)),
            ("2008-03-06", (None, None)),
            ("2008-03-05", high.clone()),
            ("2008", (None, None)),
            ("unknown", (None, None)),
        ] {
            assert_eq!(judged(born, &beat), expected, "{born}");
        }
        let infants = json!({ "low": { "value": 100 }, "high": { "value": 120 },
            "age": { "low": { "value": 0, "code": "mo" }, "high": { "value": 12, "code": "mo" } } });
        beat["referenceRange"] = json!([beat["referenceRange"][0], infants]);
        assert_eq!(judged("2026-03-01", &beat), (Some(Flag::High), Some("100 – 120".to_owned())));
        assert_eq!(judged("2020-03-01", &beat), (None, None));
    }

    #[test]
    fn blood_pressure_is_two_numbers() {
        let part = |value: i64| json!({ "valueQuantity": { "value": value, "unit": "mm[Hg]" } });
        let panel =
            json!({ "code": { "text": "Blood pressure" }, "component": [part(156), part(90)] });
        let rows = newest(&[panel], ADULTS);
        assert_eq!(rows[0].value, "156/90");
        assert_eq!(rows[0].unit, "mmHg");
    }

    #[test]
    fn the_laboratorys_judgement_goes_before_the_range() {
        let mut observation = heart("2026-03-01", 200.0);
        observation["interpretation"] = json!([{ "coding": [{ "code": "N" }] }]);
        assert_eq!(newest(&[observation], ADULTS)[0].flag, None);
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        let wrong = json!({ "status": "entered-in-error", "code": { "text": "x" }, "valueQuantity": { "value": 1 } });
        let empty = json!({ "code": { "text": "x" } });
        assert_eq!(newest(&[wrong, empty, json!(null), json!([])], ADULTS), []);
    }

    #[test]
    fn units_are_written_for_people() {
        let of = |text: &str| unit(&json!({ "unit": text }));
        assert_eq!(of("mL/min/{1.73_m2}"), "mL/min/1.73 m²");
        assert_eq!(of("10*3/uL"), "×10³/µL");
        assert_eq!(of("{INR}"), "INR");
    }
}
