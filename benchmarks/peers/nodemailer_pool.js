// nodemailer with its pool of connections.
const nodemailer = require("nodemailer");
const job = require("./job");

const transport = nodemailer.createTransport({
  pool: true,
  maxConnections: 5,
  maxMessages: Infinity,
  host: "127.0.0.1",
  port: job.port,
  secure: false,
  ignoreTLS: true,
});
const left = job.rows.values();

async function worker() {
  for (const row of left) {
    const values = job.valuesOf(row);
    await transport.sendMail({
      from: job.SENDER,
      to: row.email,
      subject: job.subject(values[0]),
      text: job.merged(job.text, values),
      html: job.merged(job.html, job.escaped(values)),
      headers: { "List-Unsubscribe": `<${values[2]}>` },
    });
  }
}

Promise.all(Array.from({ length: 5 }, worker)).then(() => transport.close());
