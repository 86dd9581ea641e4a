/* Prints the file of greetings: the one named, or the one that koji-greetings installs. */
#include <stdio.h>

int main(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : "/usr/share/koji-greetings/greetings";
    FILE *greetings = fopen(path, "r");
    int c;

    if (!greetings) {
        perror(path);
        return 1;
    }
    while ((c = getc(greetings)) != EOF)
        putchar(c);
    return fclose(greetings) != 0;
}
