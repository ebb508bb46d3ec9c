// Trino itself, in one process: its own file-based access control loads rules.json, its own analyser reads every mask and filter
// against tables of the catalog's types, its own operators run them on a row of NULLs and a row of values.
//
// In, on standard input, one JSON object a line: {"id", "rules", "groups", "about"} (paths). Out: one a line, {"id", "rules": n,
// "analysed": n, "decisions": n, "refused": [reason …]}.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Tracer;
import io.airlift.slice.Slice;
import io.trino.Session;
import io.trino.execution.QueryIdGenerator;
import io.trino.plugin.base.security.AllowAllSystemAccessControl;
import io.trino.plugin.base.security.FileBasedSystemAccessControl;
import io.trino.plugin.memory.MemoryConnectorFactory;
import io.trino.security.AccessControlManager;
import io.trino.spi.Plugin;
import io.trino.spi.block.Block;
import io.trino.spi.connector.CatalogSchemaName;
import io.trino.spi.connector.CatalogSchemaTableName;
import io.trino.spi.security.AccessDeniedException;
import io.trino.spi.security.Identity;
import io.trino.spi.security.PrincipalType;
import io.trino.spi.security.SystemAccessControl;
import io.trino.spi.security.SystemAccessControlFactory;
import io.trino.spi.security.SystemSecurityContext;
import io.trino.spi.security.TrinoPrincipal;
import io.trino.spi.type.AbstractVariableWidthType;
import io.trino.spi.type.TimeZoneKey;
import io.trino.spi.type.Type;
import io.trino.spi.type.TypeDescriptor;
import io.trino.testing.MaterializedRow;
import io.trino.testing.PlanTester;
import io.trino.testing.TestingSession;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;

public final class TrinoEngine {
    static final ObjectMapper JSON = new ObjectMapper();
    /** Before Trino's logging takes it. */
    static final PrintStream OUT = System.out;

    final PlanTester tester = PlanTester.create(TestingSession.testSession());
    final Session usual = tester.getDefaultSession();
    final Set<String> catalogs = new HashSet<>();
    /** What stands: a table's name, and the list of its columns. */
    final Map<String, String> tables = new HashMap<>();
    /** Rules whose masks and filters ran already, on the same columns. */
    final Map<String, String> seen = new HashMap<>();
    final Path scratch;
    SystemAccessControl current = AllowAllSystemAccessControl.INSTANCE;
    Identity pretended;

    /** A type of the geospatial plugin, which is not on Maven Central as a jar: only NULLs are ever put into it. */
    static final class OfPlugin extends AbstractVariableWidthType {
        final String name;

        OfPlugin(String name) {
            super(new TypeDescriptor(name), Slice.class);
            this.name = name;
        }

        @Override
        public String getDisplayName() {
            return name;
        }

        @Override
        public Object getObjectValue(Block block, int position) {
            return null;
        }
    }

    TrinoEngine() throws Exception {
        tester.installPlugin(new Plugin() {
            @Override
            public Iterable<Type> getTypes() {
                return List.of(new OfPlugin("Geometry"), new OfPlugin("SphericalGeography"));
            }
        });
        // It can be set once, and the tester has done so: the list itself is exchanged.
        for (Field field : AccessControlManager.class.getDeclaredFields()) {
            field.setAccessible(true);
            if (field.get(tester.getAccessControl()) instanceof AtomicReference<?> held && held.get() instanceof List) {
                @SuppressWarnings("unchecked")
                AtomicReference<Object> controls = (AtomicReference<Object>) held;
                controls.set(List.of(switched()));
            }
        }
        scratch = Files.createTempFile("rule", ".json");
        scratch.toFile().deleteOnExit();
    }

    public static void main(String[] arguments) throws Exception {
        TrinoEngine engine = new TrinoEngine();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            JsonNode asked = JSON.readTree(line);
            ObjectNode told = JSON.createObjectNode();
            told.put("id", asked.get("id").asText());
            engine.judge(asked, told);
            OUT.println(JSON.writeValueAsString(told));
        }
        System.exit(0);
    }

    void judge(JsonNode asked, ObjectNode told) throws Exception {
        ArrayNode refused = told.putArray("refused");
        SystemAccessControl control;
        try {
            control = load(Path.of(asked.get("rules").asText()));
        }
        catch (RuntimeException error) {
            refused.add("rules.json is not loaded: " + reason(error));
            return;
        }
        JsonNode rules = JSON.readTree(Path.of(asked.get("rules").asText()).toFile());
        JsonNode about = JSON.readTree(Path.of(asked.get("about").asText()).toFile());
        Map<String, Set<String>> groups = groups(Path.of(asked.get("groups").asText()), refused);
        allow(AllowAllSystemAccessControl.INSTANCE);
        for (JsonNode table : about.get("tables")) {
            for (JsonNode rule : rules.path("tables")) {
                if ((rule.has("filter") || count(rule.path("columns")) > 0) && matches(rule, table)) {
                    create(table, refused);
                    break;
                }
            }
        }
        told.put("analysed", bodies(rules, about, refused));
        told.put("rules", rules.path("catalogs").size() + rules.path("schemas").size() + rules.path("tables").size());
        told.put("decisions", decisions(control, groups, about, refused));
        answers(control, groups, about, told.putArray("answers"), refused);
    }

    /** What each reader sees of the rows of each table: texts, in the order of the columns; the caller compares. */
    void answers(SystemAccessControl control, Map<String, Set<String>> groups, JsonNode about, ArrayNode answers, ArrayNode refused)
            throws Exception {
        for (int at = 0; at < about.get("tables").size(); at++) {
            JsonNode table = about.get("tables").get(at);
            if (table.path("answers").isEmpty() || !create(table, stored(table), refused)) {
                continue;
            }
            List<String> cells = new ArrayList<>();
            for (JsonNode column : table.get("columns")) {
                String name = quoted(column.get("name").asText());
                boolean plain = !Set.of("Binary", "Other").contains(column.get("class").asText());
                cells.add(plain ? "CAST(" + name + " AS varchar)" : "IF(" + name + " IS NULL, NULL, 'something')");
            }
            String query = "SELECT " + String.join(", ", cells) + " FROM " + name(table);
            for (Map.Entry<String, JsonNode> each : table.get("answers").properties()) {
                ObjectNode answer = answers.addObject().put("table", at).put("account", each.getKey());
                allow(control);
                session(user(each.getKey(), groups.getOrDefault(each.getKey(), Set.of())));
                try {
                    ArrayNode rows = JSON.createArrayNode();
                    for (MaterializedRow row : tester.executePlan(
                            inside -> tester.createPlan(inside, query), new PlanTester.MaterializedResultOutput()).getMaterializedRows()) {
                        ArrayNode texts = rows.addArray();
                        row.getFields().forEach(field -> texts.add(field == null ? null : field.toString()));
                    }
                    answer.set("rows", rows);
                }
                catch (RuntimeException error) {
                    answer.put("failed", reason(error));
                }
                finally {
                    session(usual.getIdentity());
                    allow(AllowAllSystemAccessControl.INSTANCE);
                }
            }
        }
    }

    /** From now on whoever asks is this user: the tester has one session, which nothing else can change. */
    void session(Identity identity) throws Exception {
        Field field = PlanTester.class.getDeclaredField("defaultSession");
        field.setAccessible(true);
        field.set(tester, Session.builder(usual).setIdentity(identity).setOriginalIdentity(identity).setTimeZoneKey(TimeZoneKey.UTC_KEY).build());
    }

    /** The rows of a table, as a query. */
    static String stored(JsonNode table) {
        List<String> rows = new ArrayList<>();
        for (JsonNode row : table.get("rows")) {
            List<String> cells = new ArrayList<>();
            for (int at = 0; at < row.size(); at++) {
                JsonNode column = table.get("columns").get(at);
                String type = column.get("type").asText();
                String text = row.get(at).asText();
                if (column.get("class").asText().equals("Timestamp")) {
                    text = text.replace("T", " ").replace("Z", type.contains("with time zone") ? " UTC" : "");
                }
                cells.add("CAST(" + (row.get(at).isNull() ? "NULL" : "'" + text.replace("'", "''") + "'") + " AS " + type + ")");
            }
            rows.add("(" + String.join(", ", cells) + ")");
        }
        List<String> names = new ArrayList<>();
        table.get("columns").forEach(column -> names.add(quoted(column.get("name").asText())));
        return "SELECT * FROM (VALUES " + String.join(", ", rows) + ") AS v(" + String.join(", ", names) + ")";
    }

    static int count(JsonNode columns) {
        int masks = 0;
        for (JsonNode column : columns) {
            masks += column.has("mask") ? 1 : 0;
        }
        return masks;
    }

    /**
     * Masks and filters, rule by rule, whoever is in its group: each rule is given to a user of its own. Once for each kind of rule
     * and columns. How many there are.
     */
    int bodies(JsonNode rules, JsonNode about, ArrayNode refused) throws Exception {
        ObjectNode opened = JSON.createObjectNode();
        ArrayNode list = opened.putArray("tables");
        int expressions = 0;
        int at = 0;
        Map<String, String> users = new LinkedHashMap<>();
        for (JsonNode rule : rules.path("tables")) {
            int here = (rule.has("filter") ? 1 : 0) + count(rule.path("columns"));
            if (here == 0) {
                continue;
            }
            expressions += here;
            ObjectNode open = rule.deepCopy();
            open.remove(List.of("group", "user", "role"));
            open.putArray("privileges").add("SELECT");
            int stood = 0;
            for (JsonNode table : about.get("tables")) {
                if (tables.containsKey(name(table)) && matches(rule, table)) {
                    stood++;
                    String key = name(table) + tables.get(name(table)) + open;
                    if (!seen.containsKey(key) && users.putIfAbsent(key, "u" + at + " " + name(table)) == null) {
                        ObjectNode own = open.deepCopy();
                        list.add(own.put("user", "u" + at));
                        at++;
                    }
                    else if (seen.get(key) != null) {
                        refused.add(name(table) + ": " + seen.get(key) + " in " + rule);
                    }
                }
            }
            if (stood == 0) {
                refused.add("no table of the catalog is the one of the rule " + rule);
            }
        }
        if (!users.isEmpty()) {
            Files.writeString(scratch, JSON.writeValueAsString(opened));
            SystemAccessControl control = load(scratch);
            for (Map.Entry<String, String> each : users.entrySet()) {
                String[] parts = each.getValue().split(" ", 2);
                String failed = run(control, parts[1], user(parts[0], Set.of("some group")));
                seen.put(each.getKey(), failed);
                if (failed != null) {
                    refused.add(parts[1] + ": " + failed);
                }
            }
        }
        return expressions;
    }

    static boolean matches(JsonNode rule, JsonNode table) {
        String[] keys = {"catalog", "schema", "table"};
        for (int at = 0; at < 3; at++) {
            JsonNode pattern = rule.get(keys[at]);
            if (pattern != null && !table.get("path").get(at).asText().matches(pattern.asText())) {
                return false;
            }
        }
        return true;
    }

    /** Whether every account, and one whom nobody knows, reads exactly what grantc's own model of the rules says. */
    int decisions(SystemAccessControl control, Map<String, Set<String>> groups, JsonNode about, ArrayNode refused) {
        int asked = 0;
        List<String> accounts = new ArrayList<>();
        about.get("accounts").forEach(account -> accounts.add(account.asText()));
        accounts.add("a stranger");
        for (String account : accounts) {
            Identity identity = user(account, groups.getOrDefault(account, Set.of()));
            for (JsonNode table : about.get("tables")) {
                asked++;
                boolean expected = false;
                for (JsonNode reader : table.get("readers")) {
                    expected |= reader.asText().equals(account);
                }
                if (expected != mayRead(control, table, identity)) {
                    refused.add(account + " on " + name(table) + ": grantc says " + (expected ? "yes" : "no") + ", Trino the other");
                }
            }
        }
        return asked;
    }

    /** The two questions that Trino asks its access control before it reads a table. */
    static boolean mayRead(SystemAccessControl control, JsonNode table, Identity identity) {
        String[] path = new String[3];
        for (int at = 0; at < 3; at++) {
            path[at] = table.get("path").get(at).asText();
        }
        Set<String> columns = new HashSet<>();
        table.get("columns").forEach(column -> columns.add(column.get("name").asText()));
        SystemSecurityContext context = new SystemSecurityContext(identity, new QueryIdGenerator().createNextQueryId(), Instant.now());
        try {
            control.checkCanSelectFromColumns(context, new CatalogSchemaTableName(path[0], path[1], path[2]), columns);
            return control.canAccessCatalog(context, path[0]);
        }
        catch (AccessDeniedException error) {
            return false;
        }
    }

    /** `name:user,user` a line, as the file group provider reads it. */
    static Map<String, Set<String>> groups(Path file, ArrayNode refused) throws Exception {
        Map<String, Set<String>> found = new TreeMap<>();
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            if (line.isBlank()) {
                continue;
            }
            String[] parts = line.split(":", -1);
            if (parts.length != 2) {
                refused.add("groups.txt: not one `:` in " + line);
                continue;
            }
            for (String member : parts[1].split(",")) {
                found.computeIfAbsent(member.trim(), key -> new HashSet<>()).add(parts[0].trim());
            }
        }
        return found;
    }

    static SystemAccessControl load(Path rules) {
        return new FileBasedSystemAccessControl.Factory().create(
                Map.of("security.config-file", rules.toString()),
                new SystemAccessControlFactory.SystemAccessControlContext() {
                    @Override
                    public String getVersion() {
                        return "483";
                    }

                    @Override
                    public OpenTelemetry getOpenTelemetry() {
                        return OpenTelemetry.noop();
                    }

                    @Override
                    public Tracer getTracer() {
                        return OpenTelemetry.noop().getTracer("judge");
                    }
                });
    }

    void allow(SystemAccessControl control) {
        current = control;
    }

    /** Trino takes its access control once: this one passes every question on to the current one, as asked for whom we pretend. */
    SystemAccessControl switched() {
        return (SystemAccessControl) Proxy.newProxyInstance(
                SystemAccessControl.class.getClassLoader(), new Class<?>[] {SystemAccessControl.class}, (self, method, arguments) -> {
                    for (int at = 0; arguments != null && at < arguments.length; at++) {
                        if (pretended != null && arguments[at] instanceof SystemSecurityContext asked) {
                            arguments[at] = new SystemSecurityContext(pretended, asked.getQueryId(), asked.getQueryStart());
                        }
                    }
                    try {
                        return method.invoke(current, arguments);
                    }
                    catch (InvocationTargetException error) {
                        throw error.getCause();
                    }
                });
    }

    static Identity user(String name, Set<String> groups) {
        return Identity.forUser(name).withGroups(groups).build();
    }

    static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    static String name(JsonNode table) {
        List<String> parts = new ArrayList<>();
        table.get("path").forEach(part -> parts.add(quoted(part.asText())));
        return String.join(".", parts);
    }

    /** A table with a row of NULLs and a row of values; one that cannot be made is told. */
    void create(JsonNode table, ArrayNode refused) {
        String name = name(table);
        List<String> names = new ArrayList<>();
        List<String> nulls = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (JsonNode column : table.get("columns")) {
            String type = column.get("type").asText();
            names.add(quoted(column.get("name").asText()));
            nulls.add("CAST(NULL AS " + type + ")");
            values.add("CAST(" + value(type) + " AS " + type + ")");
        }
        String rows = "SELECT * FROM (VALUES (%s), (%s)) AS v(%s)".formatted(
                String.join(", ", nulls), String.join(", ", values), String.join(", ", names));
        create(table, rows, refused);
    }

    /** The table with what a query returns; whether it stands. */
    boolean create(JsonNode table, String rows, ArrayNode refused) {
        String name = name(table);
        if (rows.equals(tables.get(name))) {
            return true;
        }
        String[] path = new String[3];
        for (int at = 0; at < 3; at++) {
            path[at] = table.get("path").get(at).asText();
        }
        if (catalogs.add(path[0])) {
            if (catalogs.size() == 1) {
                tester.createCatalog(path[0], new MemoryConnectorFactory(), Map.of());
            }
            else {
                tester.createCatalog(path[0], "memory", Map.of());
            }
        }
        try {
            tester.inTransaction(session -> {
                var metadata = tester.getPlannerContext().getMetadata();
                CatalogSchemaName schema = new CatalogSchemaName(path[0], path[1]);
                if (!metadata.schemaExists(session, schema)) {
                    metadata.createSchema(session, schema, Map.of(), new TrinoPrincipal(PrincipalType.USER, "judge"));
                }
                if (tables.containsKey(name)) {
                    var handle = metadata.getTableHandle(session, new io.trino.metadata.QualifiedObjectName(path[0], path[1], path[2]));
                    metadata.dropTable(session, handle.orElseThrow(), new CatalogSchemaTableName(path[0], path[1], path[2]));
                }
                return null;
            });
            tables.remove(name);
            tester.executeStatement("CREATE TABLE " + name + " AS " + rows);
            tables.put(name, rows);
            return true;
        }
        catch (RuntimeException error) {
            refused.add("no table " + name + " can be made: " + reason(error));
            return false;
        }
    }

    static String value(String type) {
        String head = type.split("\\(")[0].trim();
        return switch (head) {
            case "varchar", "char" -> "'a1'";
            case "boolean" -> "true";
            case "date" -> "DATE '2026-05-17'";
            case "timestamp", "timestamp with time zone" -> "TIMESTAMP '2026-05-17 10:11:12.345'";
            case "varbinary" -> "X'00ff'";
            case "bigint", "integer", "smallint", "tinyint", "decimal", "double", "real" -> "7";
            default -> "NULL";
        };
    }

    /** Why it is not analysed or does not run, if so. */
    String run(SystemAccessControl control, String name, Identity identity) throws Exception {
        allow(control);
        pretended = identity;
        try {
            tester.executePlan(inside -> tester.createPlan(inside, "SELECT * FROM " + name), new PlanTester.MaterializedResultOutput());
            return null;
        }
        catch (RuntimeException error) {
            return reason(error);
        }
        finally {
            pretended = null;
            allow(AllowAllSystemAccessControl.INSTANCE);
        }
    }

    static String reason(Throwable error) {
        Throwable deepest = error;
        while (deepest.getCause() != null && !(deepest instanceof AccessDeniedException)) {
            deepest = deepest.getCause();
        }
        String text = deepest.getMessage() == null ? deepest.toString() : deepest.getMessage();
        return text.length() > 400 ? text.substring(0, 400) : text;
    }
}
