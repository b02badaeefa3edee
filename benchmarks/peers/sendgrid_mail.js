// @sendgrid/mail, 1000 personalizations in a call; values are not escaped.
const client = require("@sendgrid/client");
const mail = require("@sendgrid/mail");
const job = require("./job");

client.setApiKey("SG.key");
client.setDefaultRequest("baseUrl", `http://127.0.0.1:${job.port}/`);
mail.setClient(client);

(async () => {
  for (let at = 0; at < job.rows.length; at += 1000) {
    await mail.send({
      from: job.SENDER,
      subject: job.subject(job.MARKS[0]),
      text: job.text,
      html: job.html,
      substitutionWrappers: ["", ""],
      personalizations: job.rows.slice(at, at + 1000).map((row) => {
        const values = job.valuesOf(row);
        return {
          to: [{ email: row.email, name: row.first_name || "colleague" }],
          substitutions: Object.fromEntries(job.MARKS.map((mark, n) => [mark, values[n]])),
          headers: { "List-Unsubscribe": `<${values[2]}>` },
        };
      }),
    });
  }
})();
