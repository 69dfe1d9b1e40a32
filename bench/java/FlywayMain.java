import org.flywaydb.core.Flyway;

/** FlywayMain URL USER PASSWORD DIRECTORY: `flyway migrate`, by the library. */
public class FlywayMain {
    public static void main(String[] args) {
        Flyway.configure().dataSource(args[0], args[1], args[2]).locations("filesystem:" + args[3]).load().migrate();
    }
}
