// Uploads one file to the folder of announcements, and goes on to write in it.
const input = document.getElementById("upload");
const problem = document.getElementById("upload-problem");
const token = document.querySelector("meta[name=desk-token]").content;

async function upload(file) {
  problem.hidden = true;
  document.body.classList.add("busy");
  try {
    const answer = await fetch(`/announcements/upload?name=${encodeURIComponent(file.name)}`, {
      method: "POST", body: file, headers: { "X-Desk-Token": token },
    });
    const isOurs = (answer.headers.get("content-type") || "").startsWith("application/json");
    const told = isOurs ? await answer.json() : { problem: answer.status === 413 ? "The file is too large: 40 MB at most." : "That did not work." };
    if (told.path) {
      sessionStorage.setItem("told", told.told.join("\n"));
      location.assign(told.path);
      return;
    }
    problem.textContent = told.problem;
  } catch {
    problem.textContent = "The file did not arrive. It may be too large (40 MB at most), or the desk was stopped.";
  }
  problem.hidden = false;
  document.body.classList.remove("busy");
  input.value = "";
}

input?.addEventListener("change", () => input.files.length && upload(input.files[0]));
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  if (input && event.dataTransfer.files.length) {
    upload(event.dataTransfer.files[0]);
  }
});
