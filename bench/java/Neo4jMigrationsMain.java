import ac.simons.neo4j.migrations.core.Migrations;
import ac.simons.neo4j.migrations.core.MigrationsConfig;
import org.neo4j.driver.AuthTokens;
import org.neo4j.driver.GraphDatabase;

/** Neo4jMigrationsMain URI USER PASSWORD DIRECTORY: `neo4j-migrations apply`, by the library. */
public class Neo4jMigrationsMain {
    public static void main(String[] args) {
        try (var driver = GraphDatabase.driver(args[0], AuthTokens.basic(args[1], args[2]))) {
            var config = MigrationsConfig.builder().withLocationsToScan("file://" + args[3]).build();
            new Migrations(config, driver).apply();
        }
    }
}
