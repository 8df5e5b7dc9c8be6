// The real binary: a server of its own for each test file, on free ports, in a folder that goes away.

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const BIN = process.env.FIREWARD_BIN;

/** Starts `fireward demo` and waits for its ready line. */
export async function demo(...extra) {
  const data = folder();
  const ports = ['--port', '0', '--fhir-port', '0', '--apps-port', '0'];
  return start(['demo', ...ports, '--data', data, ...extra], data, ['--data', data]);
}

/** Starts `fireward serve` with one FHIR server, at `https://fhir.example`; `issuer` is more of that table. */
export async function serve(issuer) {
  const data = folder();
  const port = await freePort();
  const config = join(data, 'fireward.toml');
  writeFileSync(join(data, 'master.key'), '01'.repeat(32));
  writeFileSync(config, `[issuer]
url = "http://localhost:${port}"
${issuer}
[listen]
host = "localhost"
port = ${port}
[database]
url = "${join(data, 'auth.db')}"
[keys]
master_key_file = "${join(data, 'master.key')}"
[[fhir_server]]
id = "records"
base_url = "https://fhir.example"
`);
  return start(['serve', '--config', config], data, ['--config', config]);
}

function folder() {
  return mkdtempSync(join(tmpdir(), 'fireward-'));
}

async function freePort() {
  const listener = createServer();
  await new Promise((resolve) => { listener.listen(0, 'localhost', resolve); });
  const { port } = listener.address();
  await new Promise((resolve) => { listener.close(resolve); });
  return port;
}

/** Starts a server and waits for its ready line. `place` tells commands of its data. */
async function start(args, data, place) {
  const child = spawn(BIN, ['--log', 'warn', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  child.stderr.on('data', (text) => { log += text; });
  const ready = await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${log}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('fireward ready ')) resolve(JSON.parse(line.slice('fireward ready '.length)));
    });
  });
  return {
    ...ready,
    log: () => log,
    /** Runs a command of the binary on this server's data. */
    command: (...command) => execFileSync(BIN, [...command, ...place], { encoding: 'utf8' }),
    /** Registers a client with the running server. */
    register(client) {
      return this.import('client', client);
    },
    /** Imports a client or a user. */
    import(what, content) {
      const file = join(data, `${what}.json`);
      writeFileSync(file, JSON.stringify(content));
      return this.command(what, 'import', file);
    },
    async stop() {
      child.removeAllListeners('exit');
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync(data, { recursive: true, force: true });
    },
  };
}
