#include "kurs/postgres/migrations.hpp"

#include <barrier>
#include <thread>

#include "support/database.hpp"

namespace kurs::postgres {
namespace {

using MigrationsTest = testing::DatabaseTest;

constexpr Migration one{1, "0001_one.sql", "create table one (id int)", "aa"};
constexpr Migration two{2, "0002_two.sql", "create table two (id int); insert into two values (2)", "bb"};

TEST(Migrations, OfThisBuildCountFromOneWithoutAGap) {
    int version = 0;
    for (const auto& migration : migrations()) {
        EXPECT_EQ(migration.version, ++version);
        EXPECT_EQ(migration.checksum.size(), 64U);
    }
    EXPECT_GT(version, 0);
}

TEST_F(MigrationsTest, AreAppliedOnce) {
    const std::vector known{one, two};
    EXPECT_EQ(migrate(database.url(), known).value().size(), 2U);
    EXPECT_EQ(migrate(database.url(), known).value().size(), 0U);
    EXPECT_EQ(database.value("select count(*) from two"), "1");
}

TEST_F(MigrationsTest, ReportPendingMigrations) {
    migrate(database.url(), std::vector{one}).value();
    const auto status = migration_status(database.url(), std::vector{one, two}).value();
    ASSERT_EQ(status.size(), 2U);
    EXPECT_TRUE(status[0].applied_at);
    EXPECT_FALSE(status[1].applied_at);
}

TEST_F(MigrationsTest, AreAllPendingInAnEmptyDatabase) {
    EXPECT_FALSE(migration_status(database.url()).value().at(0).applied_at);
    EXPECT_EQ(
        database.value("select count(*) from pg_class where relnamespace = current_schema::regnamespace"),
        "0");
}

TEST_F(MigrationsTest, AreAppliedOnceByReplicasThatStartTogether) {
    for (int round = 0; round < 10; ++round) {
        const testing::Database empty;
        std::barrier start(2);
        std::size_t counts[2] = {};
        const auto run = [&](int copy) {
            start.arrive_and_wait();
            counts[copy] = migrate(empty.url()).value().size();
        };
        std::thread other(run, 1);
        run(0);
        other.join();
        EXPECT_EQ(counts[0] + counts[1], migrations().size());
    }
}

TEST_F(MigrationsTest, AreRefusedIfAFileWasChangedAfterItWasApplied) {
    migrate(database.url(), std::vector{one}).value();
    auto changed = one;
    changed.checksum = "cc";
    const auto refused = migrate(database.url(), std::vector{changed, two});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, HistoryFailure::unfit);
    EXPECT_EQ(
        refused.error().text,
        "the file 0001_one.sql was changed after it was applied to this database: undo the change and put "
        "it into a migration of its own");
    EXPECT_EQ(migration_status(database.url(), std::vector{changed}).error().text, refused.error().text);
}

TEST_F(MigrationsTest, AreRefusedIfTheDatabaseIsNewer) {
    migrate(database.url(), std::vector{one, two}).value();
    const auto refused = migrate(database.url(), std::vector{one});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, HistoryFailure::unfit);
    EXPECT_EQ(refused.error().text,
              "the database is at version 2, newer than this build, which knows 1 to 1: run the build that "
              "migrated it, or a later one");
}

TEST_F(MigrationsTest, AreRolledBackOnFailure) {
    const Migration broken{2, "0002_broken.sql", "create table half (id int); select nonsense", "bb"};
    const auto failed = migrate(database.url(), std::vector{one, broken});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind, HistoryFailure::unfit);
    EXPECT_EQ(failed.error().text,
              "migration 0002_broken.sql failed: ERROR:  column \"nonsense\" does not exist");
    EXPECT_EQ(database.value("select to_regclass('half')"), "null");
    EXPECT_EQ(database.value("select max(version) from schema_migrations"), "1");
}

TEST_F(MigrationsTest, RunInDatabasesOfAnOlderBuild) {
    migrate(database.url(), std::vector{one}).value();
    const auto newly = migrate(database.url(), std::vector{one, two}).value();
    ASSERT_EQ(newly.size(), 1U);
    EXPECT_EQ(newly[0].name, "0002_two.sql");
}

}  // namespace
}  // namespace kurs::postgres
