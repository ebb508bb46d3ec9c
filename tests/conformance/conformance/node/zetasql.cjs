// ZetaSQL's own server. The folder of the package is its argument; in: JSON lines, out: a JSON line for each.
// A string is parsed: null, or why it is refused. `{tables: [{path, columns: [{name, type}]}], statements}` is analysed, one
// statement after the other, with names and types looked up in the tables and in what the statements before it made: a list of verdicts.
const { createInterface } = require('readline');
const { execFile } = require('child_process');
const { createServer } = require('net');

const folder = process.argv[2];
const { ZetaSQLClient } = require(folder);

const free = () => new Promise((found) => {
  const probe = createServer();
  probe.listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => found(port));
  });
});

const call = (name, request) => new Promise((found, failed) => {
  ZetaSQLClient.API[name](request, (error, answer) => (error ? failed(error) : found(answer)));
});

const why = (error) => error.details || error.message;

// The first value of a key, wherever it stands.
const find = (node, key) => {
  if (node === null || typeof node !== 'object') return undefined;
  if (Array.isArray(node[key]) && node[key].length) return node[key];
  for (const each of Object.values(node)) {
    const found = find(each, key);
    if (found) return found;
  }
  return undefined;
};

// The tables of one integration, as ZetaSQL's catalog: a project holds datasets, a dataset holds tables.
// It takes names that differ in case alone for one, which BigQuery does not: of such tables it holds those that the statement names.
class Catalog {
  constructor(language) {
    this.language = language;
    this.options = { languageOptions: language, parameterMode: 'PARAMETER_NAMED', errorMessageMode: 'ERROR_MESSAGE_ONE_LINE' };
    this.tables = new Map();
    this.alike = new Map();
    this.id = null;
    this.held = null;
  }

  add(path, column) {
    const key = JSON.stringify(path);
    const folded = key.toLowerCase();
    this.tables.set(key, { path, folded, column });
    this.alike.set(folded, (this.alike.get(folded) || new Set()).add(key));
    this.held = null;
  }

  // The tables that a statement may ask.
  of(sqlStatement) {
    return [...this.tables.values()].filter(({ path, folded }) => (
      this.alike.get(folded).size === 1 || sqlStatement.includes(path.map((name) => `\`${name}\``).join('.'))
    ));
  }

  async registered(sqlStatement) {
    const tables = this.of(sqlStatement);
    const held = JSON.stringify(tables.map(({ path }) => path));
    if (this.held === held) return this.id;
    const folded = new Set(tables.map((table) => table.folded));
    if (folded.size !== tables.length) throw new Error('it names tables that differ in case alone, which this catalog takes for one');
    await this.close();
    const projects = new Map();
    let serial = 0;
    for (const { path: [project, dataset, name], column } of tables) {
      if (!projects.has(project)) projects.set(project, new Map());
      const datasets = projects.get(project);
      if (!datasets.has(dataset)) datasets.set(dataset, []);
      serial += 1;
      datasets.get(dataset).push({ name, serializationId: serial, column });
    }
    const catalog = [...projects].map(([name, datasets]) => ({ name, catalog: [...datasets].map(([dataset, table]) => ({ name: dataset, table })) }));
    const simpleCatalog = { name: 'all', catalog, builtinFunctionOptions: { languageOptions: this.language } };
    this.id = (await call('registerCatalog', { simpleCatalog })).registeredId;
    this.held = held;
    return this.id;
  }

  async close() {
    if (this.id !== null) await call('unregisterCatalog', { registeredId: this.id });
    this.id = null;
    this.held = null;
  }

  async ask(sqlStatement) {
    const registeredCatalogId = await this.registered(sqlStatement);
    return call('analyze', { options: this.options, registeredCatalogId, sqlStatement });
  }

  async analyse(sqlStatement) {
    const { resolvedStatement } = await this.ask(sqlStatement);
    const made = resolvedStatement.resolvedCreateStatementNode;
    if (!made || made.node === 'resolvedCreateFunctionStmtNode') return;
    const path = find(made, 'namePath');
    const columns = find(made, 'outputColumnList') || find(made, 'columnDefinitionList');
    if (path && path.length === 3 && columns) this.add(path, columns.map(({ name, column }) => ({ name, type: column.type })));
  }
}

// The types of columns, read by ZetaSQL itself, each once.
class Types {
  constructor(language) {
    this.reader = new Catalog(language);
    this.known = new Map();
  }

  async of(text) {
    if (!this.known.has(text)) {
      const asked = this.reader.ask(`SELECT CAST(NULL AS ${text}) AS c`);
      this.known.set(text, await asked.then((answer) => find(answer, 'outputColumnList')[0].column.type, () => null));
    }
    return this.known.get(text);
  }
}

const analyse = async ({ tables, statements }, types, language) => {
  const catalog = new Catalog(language);
  const verdicts = [];
  for (const { path, columns } of tables) {
    const column = [];
    // What is not known of a type is not asked: null in ZetaSQL's place of a type would be INT64.
    for (const { name, type } of columns) column.push({ name, type: (await types.of(type)) || { typeKind: 'TYPE_JSON' } });
    catalog.add(path, column);
  }
  for (const statement of statements) {
    verdicts.push(await catalog.analyse(statement).then(() => null, why));
  }
  await catalog.close();
  return verdicts;
};

(async () => {
  const questions = [];
  for await (const line of createInterface({ input: process.stdin })) questions.push(JSON.parse(line));
  const port = await free();
  const binary = `${folder}/lib/zetasql/remote_server${process.arch.startsWith('arm') ? '_arm' : ''}${process.platform === 'darwin' ? '' : '.so'}`;
  const server = execFile(binary, ['localhost', String(port)]);
  ZetaSQLClient.init(port);
  if (!(await ZetaSQLClient.getInstance().testConnection())) throw new Error('the server does not answer');
  const options = await call('getLanguageOptions', { maximumFeatures: true });
  options.productMode = 'PRODUCT_EXTERNAL';
  options.supportedStatementKinds = [];
  // BigQuery has this type; the package is of when it was new.
  options.enabledLanguageFeatures.push('FEATURE_INTERVAL_TYPE');
  const types = new Types(options);
  for (const question of questions) {
    const parsed = () => call('parse', { sqlStatement: question, options }).then(() => null, why);
    console.log(JSON.stringify(typeof question === 'string' ? await parsed() : await analyse(question, types, options)));
  }
  server.kill();
  process.exit(0);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
