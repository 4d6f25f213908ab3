from bench.scale import environment_for


def test_each_size_has_a_database_on_the_server_that_is_named(tmp_path):
    environment = environment_for(
        tmp_path, 100, "postgres://user@host:5433/postgres?sslmode=require"
    )
    assert environment["DATABASE_URL"] == "postgres://user@host:5433/bench_100?sslmode=require"


def test_each_size_has_a_file_of_sqlite_where_no_server_is_named(tmp_path):
    environment = environment_for(tmp_path, 100, None)
    assert environment["DATABASE_URL"] == f"sqlite:///{tmp_path}/bench_100.sqlite3"
