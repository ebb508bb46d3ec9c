// ZetaSQL's own server, asked to parse. In: JSON lines of strings, and the folder of the package as argument.
// Out: a JSON line for each, null or why it is refused.
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

(async () => {
  const texts = [];
  for await (const line of createInterface({ input: process.stdin })) texts.push(JSON.parse(line));
  const port = await free();
  const binary = `${folder}/lib/zetasql/remote_server${process.arch.startsWith('arm') ? '_arm' : ''}${process.platform === 'darwin' ? '' : '.so'}`;
  const server = execFile(binary, ['localhost', String(port)]);
  ZetaSQLClient.init(port);
  if (!(await ZetaSQLClient.getInstance().testConnection())) throw new Error('the server does not answer');
  const options = await call('getLanguageOptions', { maximumFeatures: true });
  options.productMode = 'PRODUCT_EXTERNAL';
  options.supportedStatementKinds = [];
  for (const sqlStatement of texts) {
    let verdict = null;
    try {
      await call('parse', { sqlStatement, options });
    } catch (error) {
      verdict = error.details || error.message;
    }
    console.log(JSON.stringify(verdict));
  }
  server.kill();
  process.exit(0);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
