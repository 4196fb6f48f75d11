/**
 * A proxy that sends every request to the given host. Runs as a program of its own:
 *   node proxy.js <URL of the host> <file for the certificate of its authority>
 */
const { writeFileSync } = require('node:fs');
const { Server } = require('node:net');

const { generateCACertificate, getLocal } = require('mockttp');

/** mockttp would listen on every address, and has no setting for it. */
const { listen } = Server.prototype;
Server.prototype.listen = function (port) {
	return listen.call(this, port, '127.0.0.1');
};

async function main([host, certificate]) {
	const https = await generateCACertificate();
	writeFileSync(certificate, https.cert);
	const proxy = getLocal({ https });
	await proxy.start(0);
	await proxy.forUnmatchedRequest().thenForwardTo(host);
	process.stdout.write(`listening at ${proxy.url}\n`);
}

main(process.argv.slice(2));
