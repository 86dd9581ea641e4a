//! Mails to a server that wants them encrypted.

use std::fs;
use std::process::{Command, Stdio};

use koji_core::wire::Value;
use koji_tests::{Database, Served, TestBuilder, TestHub};

/// A mail server that takes nothing in clear; it writes down what it hears.
const SERVER: &str = "
import socket, ssl, sys
port, cert, key, heard = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(cert, key)
listener = socket.create_server(('127.0.0.1', port))
def talk(stream, encrypted):
    lines = stream.makefile('rwb', buffering=0)
    if not encrypted:
        lines.write(b'220 sink\\r\\n')
    for line in lines:
        word = line.split()[0].upper().decode()
        with open(heard, 'a') as log:
            log.write(('tls ' if encrypted else 'clear ') + line.decode())
        if word == 'EHLO':
            lines.write(b'250-sink\\r\\n250 AUTH PLAIN\\r\\n' if encrypted else b'250-sink\\r\\n250-AUTH PLAIN\\r\\n250 STARTTLS\\r\\n')
        elif word == 'STARTTLS':
            lines.write(b'220 go on\\r\\n')
            talk(context.wrap_socket(stream, server_side=True), True)
            return
        elif not encrypted:
            lines.write(b'530 STARTTLS first\\r\\n')
        elif word == 'AUTH':
            lines.write(b'235 welcome\\r\\n')
        elif word == 'DATA':
            lines.write(b'354 go on\\r\\n')
            while lines.readline() != b'.\\r\\n':
                pass
            lines.write(b'250 taken\\r\\n')
        elif word == 'QUIT':
            lines.write(b'221 bye\\r\\n')
            return
        else:
            lines.write(b'250 good\\r\\n')
while True:
    try:
        talk(listener.accept()[0], False)
    except (OSError, IndexError) as error:
        print(error, file=sys.stderr)
";

#[test]
fn a_password_goes_encrypted_and_only_to_a_server_that_is_trusted() {
    let hub = TestHub::start_with(Database::Sqlite, "EmailDomain = example.com\n");
    let at = |name: &str| hub.scratch().join(name).to_str().unwrap().to_owned();
    let request = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout mail.key -out mail.crt \
                   -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE";
    let made = Command::new("openssl").current_dir(hub.scratch()).args(request.split_whitespace()).output();
    assert!(made.unwrap().status.success());
    let served = Served::start(|port| {
        let mut python = Command::new("python3");
        python.args(["-c", SERVER, &port.to_string(), &at("mail.crt"), &at("mail.key"), &at("heard")]);
        python.stderr(Stdio::null());
        python
    });

    let mut admin = hub.user("kojiadmin");
    for (method, args) in [
        ("createTag", vec!["dest".into()]),
        ("packageListAdd", vec!["dest".into(), "told".into(), "alice".into()]),
        ("createEmptyBuild", vec!["told".into(), "1".into(), "1".into(), Value::Nil]),
    ] {
        admin.call_named(method, args, vec![]).unwrap();
    }
    let build = admin.call_named("getBuild", vec!["told-1-1".into()], vec![]).unwrap();
    let target = Value::Struct(vec![("dest_tag_name".into(), "dest".into())]);
    let letter = vec![Value::Array(vec!["bob@example.com".into()]), build, target, "http://web/koji".into()];
    let config = format!("smtphost = localhost:{}\nsmtp_user = koji\nsmtp_pass = secret\n", served.port());
    let heard = || fs::read_to_string(at("heard")).unwrap();

    let mut builder = TestBuilder::start(&hub, &config);
    let error = builder.run(&mut admin, "buildNotification", letter.clone()).unwrap_err();
    assert!(
        error.message.contains("mail server localhost: ") && error.message.contains("certificate"),
        "{error}"
    );
    builder.stop();
    assert!(!heard().contains("AUTH"), "{}", heard());
    let builder = TestBuilder::start(&hub, &format!("{config}serverca = {}\n", at("mail.crt")));
    builder.run(&mut admin, "buildNotification", letter).unwrap();
    let heard = heard();
    for line in ["tls AUTH PLAIN AGtvamkAc2VjcmV0", "tls RCPT TO:<bob@example.com>", "tls DATA"] {
        assert!(heard.contains(line), "{line} is missing in {heard}");
    }
    assert!(!heard.contains("clear AUTH") && !heard.contains("clear MAIL"), "{heard}");
}
