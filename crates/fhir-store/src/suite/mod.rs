//! The same tests on SQLite, always, and on PostgreSQL, when `DATABASE_URL` is set.

mod app_state;
mod asking;
mod databases;
mod everything;
mod exporting;
mod grouped;
mod history;
mod loading;
mod reach;
mod renewal;
mod ruled;
mod searching;
mod steps;
mod together;
mod trail;
mod versions;
