/**
 * A proxy behind which every host of the internet is the given one. Run as a program of its own:
 *   node proxy.js <URL of the host> <file for the certificate of its authority>
 */
const { writeFileSync } = require('node:fs');

const { generateCACertificate, getLocal } = require('mockttp');

async function main([host, certificate]) {
	const https = await generateCACertificate();
	writeFileSync(certificate, https.cert);
	const proxy = getLocal({ https });
	await proxy.start();
	await proxy.forUnmatchedRequest().thenForwardTo(host);
	process.stdout.write(`listening at ${proxy.url}\n`);
}

main(process.argv.slice(2));
