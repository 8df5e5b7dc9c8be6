//! The same tests on SQLite, always, and on PostgreSQL, when `DATABASE_URL` is set.

mod app_state;
mod asking;
mod databases;
mod exporting;
mod grouped;
mod history;
mod loading;
mod reach;
mod searching;
mod trail;
mod steps;
mod together;
mod versions;
