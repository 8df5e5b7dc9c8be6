//! The same tests on SQLite, always, and on PostgreSQL, when `DATABASE_URL` is set.

mod databases;
mod loading;
